# SPDX-License-Identifier: GPL-2.0
#
# Random and mutated input for the ACPI overlay, and what the specification makes
# of it: prints COUNT lines "command TAB result", made from SEED.  The DIMMs are
# those of acpi-standin.asl.
#
# This is the model: ranges are bytes from the start of a DIMM, kept in sorted,
# disjoint lists; a number is exact up to 2^53.
#
# Conventions: d is a device handle; list "P" is poison, "Z" is what is latent;
# a list of DIMM d has N[list, d] ranges, from S[list, d, i] to E[list, d, i].  Firmware
# of DIMM d: what runs and what is staged, as hexadecimal digits, RUN and NEXT; FW its
# state, CX its context, RX bytes received; REV the revision of its image.  Security of DIMM
# d: PASS and MASTER, its passphrases, no PASS if there is none; LOCK, FROZEN; BAD and BADM,
# wrong ones; OVER, an overwrite was begun.  DEVICE: the overlay has one, which is all but
# how finely poison is injected and what erases.  SET: DIMMs 1 and 2 are an interleave set, in the
# order of MEMBER; r is a region, a DIMM or the first of a set, from RB on RL bytes long.

BEGIN {
	CONVFMT = "%.17g"
	srand(SEED)
	GIB = 1024 * 1024 * 1024
	dimm(1, 4 * GIB, GIB / 4, 1020, 1)
	dimm(2, 4.25 * GIB, GIB / 4, 8188, 1)
	dimm(3, 320 * 4 * GIB, 64 * GIB, 4, 1)
	dimm(4, 512 * 4 * GIB, 512 * GIB, 1024, 0)
	dimm(5, 768 * 4 * GIB + 3.75 * GIB, GIB / 2, 8188, 1)
	dimm(6, 784 * 4 * GIB, GIB / 4, 1024, 0)
	dimm(7, 800 * 4 * GIB, GIB / 4, 1024, 0)
	dimm(8, 769 * 4 * GIB + GIB / 4, 4.5 * GIB, 8188, 1)
	dimm(32, 1024 * 4 * GIB, GIB / 64, 8188, 1)
	DPA[5] = 7.625 * GIB
	LINE = 4096
	for (i = 1; i <= NDIMMS; i++) {
		RB[DIMMS[i]] = BASE[DIMMS[i]]
		RL[DIMMS[i]] = LEN[DIMMS[i]]
	}
	if (SET) {
		MEMBER[0] = substr(SET, 1, 1)
		MEMBER[1] = substr(SET, 3, 1)
		HEAD = MEMBER[0]
		RB[HEAD] = BASE[1]
		RL[HEAD] = LEN[1] + LEN[2]
		RL[MEMBER[1]] = 0
	}
	for (i = 1; i <= NDIMMS; i++) {
		RUN[DIMMS[i]] = FACTORY = "0000010000000000"
		MASTER[DIMMS[i]] = zeros(32)
	}
	UNIT = DEVICE ? 64 : 256
	OK = "00000000"; UNSUPPORTED = "01000000"; INVALID = "02000000"
	STATE = "0a000000"; WRONG_PASS = "0b000000"
	for (line = 0; line < COUNT; line++)
		one(rnd(100))
	emit("evaluate \\BOOT", "-")
	reset()
	emit(dsm(9, "00"), injected())
}

function dimm(d, base, len, slots, media) {
	BASE[d] = base; LEN[d] = len; SLOTS[d] = slots; MEDIA[d] = media
	DIMMS[++NDIMMS] = d
}

function rnd(n) { return int(rand() * n) }

# acpiexec's debugger has room for 16 KiB (ACPI_DEBUG_BUFFER_SIZE in acdebug.h), of which the
# struct of a buffer takes 24 bytes; what is longer it cannot take.
function emit(command, result) {
	match(result, /^[0-9a-f]*/)
	if (RLENGTH > 2 * (16384 - 24))
		result = "AE_BUFFER_OVERFLOW" substr(result, RLENGTH + 1)
	printf "%s\t%s\n", command, result
}

# ---- bytes -----------------------------------------------------------------

function le(bytes, v,	out) {
	for (out = ""; bytes > 0; bytes--) {
		out = out sprintf("%02x", v % 256)
		v = int(v / 256)
	}
	return out
}

function zeros(bytes,	out) {
	for (out = ""; bytes > 0; bytes--)
		out = out "00"
	return out
}

function number(hex, at, bytes,	v) {
	for (v = 0; bytes > 0; bytes--)
		v = v * 256 + index("0123456789abcdef", substr(hex, 2 * (at + bytes) - 1, 1)) * 16 - 16 + \
			index("0123456789abcdef", substr(hex, 2 * (at + bytes), 1)) - 1
	return v
}

function junk(bytes,	out) {
	for (out = ""; bytes > 0; bytes--)
		out = out sprintf("%02x", rnd(4) ? rnd(256) : 0)
	return out
}

function dsm(f, hex,	spaced) {
	for (spaced = ""; hex != ""; hex = substr(hex, 3))
		spaced = spaced " " substr(hex, 1, 2)
	return "evaluate \\_SB.NVDX._DSM (A4 E7 10 2F 91 9E E4 11 89 D3 12 3B 93 F7 5C BA) 1 " f \
		" [(" substr(spaced, 2) ")]"
}

# ---- lists -----------------------------------------------------------------

# From first to last are those that overlap s to e, and that touch it if asked.
function around(list, d, s, e, touch,	i) {
	for (i = 1; i <= N[list, d] && (touch ? E[list, d, i] < s : E[list, d, i] <= s); i++)
		;
	FIRST = i
	for (; i <= N[list, d] && (touch ? S[list, d, i] <= e : S[list, d, i] < e); i++)
		;
	LAST = i - 1
}

# Put up to two ranges in the place of those from FIRST to LAST.
function replace(list, d, s1, e1, s2, e2,	i, n) {
	n = 0
	for (i = 1; i < FIRST; i++)
		keep(++n, S[list, d, i], E[list, d, i])
	if (s1 < e1)
		keep(++n, s1, e1)
	if (s2 < e2)
		keep(++n, s2, e2)
	for (i = LAST + 1; i <= N[list, d]; i++)
		keep(++n, S[list, d, i], E[list, d, i])
	for (i = 1; i <= n; i++) {
		S[list, d, i] = TS[i]
		E[list, d, i] = TE[i]
	}
	N[list, d] = n
}

function keep(i, s, e) { TS[i] = s; TE[i] = e }

function add(list, d, s, e, touch) {
	around(list, d, s, e, touch)
	if (FIRST <= LAST) {
		if (S[list, d, FIRST] < s)
			s = S[list, d, FIRST]
		if (E[list, d, LAST] > e)
			e = E[list, d, LAST]
	}
	replace(list, d, s, e, 0, 0)
}

# Poison: a slot is kept for what replaces another.
function plant(d, s, e,	need) {
	around("P", d, s, e, 1)
	if (FIRST == LAST && S["P", d, FIRST] <= s && E["P", d, FIRST] >= e)
		return OK
	need = FIRST > LAST ? 2 : 1
	if (SLOTS[d] - N["P", d] < need)
		return UNSUPPORTED
	add("P", d, s, e, 1)
	return OK
}

function clear(d, s, e,	left, right, whole) {
	around("P", d, s, e, 0)
	if (FIRST > LAST)
		return OK
	left = S["P", d, FIRST] < s
	right = E["P", d, LAST] > e
	whole = LAST - FIRST + 1 - left - right
	if (whole < 0)
		whole = 0
	if (left + right > SLOTS[d] - N["P", d] + whole)
		return UNSUPPORTED
	replace("P", d, left ? S["P", d, FIRST] : s, s, e, right ? E["P", d, LAST] : e)
	return OK
}

function latent(d, s, e) {
	add("Z", d, s, e, 0)
	if (N["Z", d] > 32) {
		FIRST = LAST = 1
		replace("Z", d, 0, 0, 0, 0)
	}
}

# ---- interleave sets -------------------------------------------------------

# Bytes of the DIMM at place p in front of byte s of the set.
function cut(s, p,	full, rest) {
	full = int(s / (2 * LINE))
	rest = s - full * 2 * LINE - p * LINE
	return full * LINE + (rest < 0 ? 0 : rest > LINE ? LINE : rest)
}

# Do to a range of a region: "plant", "clear", "latent", "found".
function all(what, r, s, e,	p, status) {
	if (!SET || r != HEAD)
		return single_dimm(what, r, s, e)
	for (p = 0; p < 2; p++)
		if (cut(s, p) < cut(e, p)) {
			status = single_dimm(what, MEMBER[p], cut(s, p), cut(e, p))
			if (status != OK)
				return status
		}
	return OK
}

function single_dimm(what, d, s, e) {
	if (what == "plant")
		return plant(d, s, e)
	if (what == "clear")
		return clear(d, s, e)
	if (what == "latent")
		latent(d, s, e)
	else {
		around("Z", d, s, e, 0)
		if (FIRST <= LAST)
			replace("Z", d, 0, 0, 0, 0)
	}
	return OK
}

# Records of a range of a region: of a set, one for each line, in order.
function records(list, r, s, e,	p, i, n, k, from, to, out) {
	NFOUND = 0
	if (!SET || r != HEAD)
		found(list, r, s, e)
	else
		for (p = 0; p < 2; p++)
			found(list, MEMBER[p], cut(s, p), cut(e, p))
	n = 0
	for (i = 1; i <= NFOUND; i++)
		if (!SET || r != HEAD)
			sorted(++n, FD[i], BASE[FD[i]] + FB[i], FE[i] - FB[i])
		else
			for (from = FB[i]; from < FE[i]; from = to) {
				k = int(from / LINE)
				to = FE[i] < (k + 1) * LINE ? FE[i] : (k + 1) * LINE
				sorted(++n, FD[i], RB[r] + from + (k + (FD[i] != HEAD)) * LINE, to - from)
			}
	out = ""
	for (i = 1; i <= n; i++)
		out = out (list == "Z" ? le(8, RD[i]) : "") le(8, RA[i]) le(8, RN[i])
	NRECORDS = n
	return out
}

function sorted(n, d, a, l,	i) {
	for (i = n; i > 1 && RA[i - 1] > a; i--) {
		RD[i] = RD[i - 1]
		RA[i] = RA[i - 1]
		RN[i] = RN[i - 1]
	}
	RD[i] = d
	RA[i] = a
	RN[i] = l
}

function find(d, s, e) {
	FD[++NFOUND] = d
	FB[NFOUND] = s
	FE[NFOUND] = e
}

# The poison of a range of a DIMM; list "Z": without what is latent.
function found(list, d, s, e,	i, j, from, to) {
	for (i = 1; i <= N["P", d]; i++) {
		from = S["P", d, i] > s ? S["P", d, i] : s
		to = E["P", d, i] < e ? E["P", d, i] : e
		for (j = 1; list == "Z" && j <= N["Z", d]; j++) {
			if (E["Z", d, j] <= from || S["Z", d, j] >= to)
				continue
			if (S["Z", d, j] > from)
				find(d, from, S["Z", d, j])
			from = E["Z", d, j]
		}
		if (from < to)
			find(d, from, to)
	}
}

# ---- functions -------------------------------------------------------------

# The region of an address, 0 if it is outside.
function where(a,	i, d) {
	for (i = 1; i <= NDIMMS; i++) {
		d = DIMMS[i]
		if (a >= RB[d] && a < RB[d] + RL[d])
			return d
	}
	return 0
}

# Can a range be scrubbed?  Its parts are in PD, PS, PE.
function parts(a, l,	d, take) {
	NPARTS = 0
	if (l == 0)
		return 0
	for (; l > 0; l -= take) {
		d = where(a)
		if (!d)
			return 0
		take = RB[d] + RL[d] - a
		if (take > l)
			take = l
		PD[++NPARTS] = d
		PS[NPARTS] = int((a - RB[d]) / 64) * 64
		PE[NPARTS] = int((a - RB[d] + take + 63) / 64) * 64
		a += take
	}
	return 1
}

# The region of a range in one that a list can name, and RS, RE, rounded outward.
function single(a, l, unit,	d) {
	d = where(a)
	if (!d || l == 0 || a + l > RB[d] + RL[d])
		return 0
	RS = int((a - RB[d]) / unit) * unit
	RE = int((a - RB[d] + l + unit - 1) / unit) * unit
	if (int((a - RB[d] + l + 63) / 64) > 4294967295 - unit / 64)
		return 0
	return d
}

# Result of function f with the input buffer hex.
function result(f, hex,	n, a, l, d, status) {
	n = length(hex) / 2
	a = n >= 8 ? number(hex, 0, 8) : 0
	l = n >= 16 ? number(hex, 8, 8) : 0
	if (f == 1) {
		if (n < 16 || !parts(a, l))
			return INVALID zeros(12)
		return "00000200" le(4, 48 + 24 * 10240) le(4, 256) "01000000"
	}
	if (f == 2)
		return scrub(n, a, l, number(hex, 16, 2), number(hex, 18, 1)) zeros(4)
	if (f == 3)
		return status_of_ars()
	if (f == 4) {
		if (n < 16 || a % 256 || l % 256)
			return INVALID zeros(12)
		d = single(a, l, 64)
		status = d ? all("clear", d, RS, RE) : INVALID
		return status zeros(4) (status == OK ? le(8, l) : zeros(8))
	}
	if (f == 5) {
		d = n >= 8 ? where(a) : 0
		if (!d)
			return INVALID zeros(32)
		if (SET && d == HEAD) {
			a -= RB[d]
			l = int(a / LINE)
			return OK zeros(4) le(8, LINE - a % LINE) le(4, 1) le(8, MEMBER[l % 2]) \
				le(8, int(l / 2) * LINE + a % LINE)
		}
		return OK zeros(4) le(8, BASE[d] + LEN[d] - a) le(4, 1) le(8, d) le(8, a - BASE[d] + DPA[d])
	}
	if (f == 7) {
		d = n >= 17 ? single(a, l, UNIT) : 0
		status = d ? all("plant", d, RS, RE) : INVALID
		if (status != OK)
			return status
		if (number(hex, 16, 1) % 2 == 0) {
			all("latent", d, RS, RE)
			return OK
		}
		all("found", d, RS, RE)
		return OK " !81"
	}
	if (f == 8) {
		if (n < 16 || a % UNIT || l % UNIT)
			return INVALID
		d = single(a, l, 64)
		return d ? all("clear", d, RS, RE) : INVALID
	}
	if (f == 9)
		return injected()
	return f == 0 ? "bf03" : UNSUPPORTED
}

function scrub(n, a, l, type, flags,	i) {
	if (n < 24 || type != 2 || !parts(a, l))
		return INVALID
	ARS = 1
	ARS_A = a
	ARS_L = l
	for (i = 1; i <= NPARTS && int(flags / 2) % 2 == 0; i++)
		all("found", PD[i], PS[i], PE[i])
	return OK
}

function status_of_ars(	i, out) {
	if (!ARS)
		return "00000200" le(4, 44) zeros(40)
	parts(ARS_A, ARS_L)
	out = ""
	for (i = 1; i <= NPARTS; i++)
		out = out records("Z", PD[i], PS[i], PE[i])
	i = length(out) / 48
	return OK le(4, 44 + 24 * i) le(8, ARS_A) le(8, ARS_L) zeros(16) "02000000" le(4, i) out
}

function injected(	i, d, n, out) {
	n = 0
	out = ""
	for (i = 1; i <= NDIMMS; i++) {
		d = DIMMS[i]
		if (RL[d]) {
			out = out records("P", d, 0, RL[d])
			n += NRECORDS
		}
	}
	return OK le(4, n) out
}

# A reset: lists that are on no media are gone.
function reset(	i, d) {
	for (i = 1; i <= NDIMMS; i++) {
		d = DIMMS[i]
		if (!MEDIA[d])
			N["P", d] = 0
		if (NEXT[d] != "")
			RUN[d] = NEXT[d]
		NEXT[d] = FW[d] = ARM[d] = ""
		CX[d] = RESULT[d] = 0
		LOCK[d] = PASS[d] != ""
		FROZEN[d] = BAD[d] = BADM[d] = OVER[d] = 0
	}
}

# ---- input -----------------------------------------------------------------

# An address in a small window at the start, in the middle or at the end of a DIMM.
function address(	d, a) {
	d = DIMMS[1 + rnd(NDIMMS)]
	a = BASE[d] + (rnd(3) ? 0 : rnd(3) ? LEN[d] - 8192 : LEN[d] / 2) + 256 * rnd(32)
	return rnd(5) ? a : a + rnd(512) - 256
}

function extent() { return rnd(4) ? 256 * (1 + rnd(6)) : rnd(2048) }

function call(f, hex) { emit(dsm(f, hex), result(f, hex)) }

function one(dice,	hex, f) {
	if (dice < 10)
		firmware()
	else if (dice < 20)
		security()
	else if (dice < 35)
		call(7, le(8, address()) le(8, extent()) le(1, rnd(2)))
	else if (dice < 50)
		call(rnd(2) ? 4 : 8, le(8, address()) le(8, extent()))
	else if (dice < 57) {
		f = DIMMS[1 + rnd(NDIMMS)]
		hex = rnd(2) ? le(8, BASE[f]) le(8, LEN[f]) : le(8, address()) le(8, extent() * 10)
		call(2, hex le(2, rnd(8) ? 2 : rnd(5)) le(1, rnd(4)) zeros(5))
	} else if (dice < 65)
		call(3, "00")
	else if (dice < 70)
		call(9, "00")
	else if (dice < 75)
		call(rnd(2) ? 1 : 5, le(8, address()) le(8, rnd(2) ? extent() : rnd(GIB)))
	else if (dice < 85) {
		f = rnd(12)
		hex = le(8, address()) le(8, extent()) le(8, rnd(4))
		# one byte of it is another, or it is cut
		if (rnd(2)) {
			n = rnd(24)
			hex = substr(hex, 1, 2 * n) junk(1) substr(hex, 2 * n + 3)
		} else
			hex = substr(hex, 1, 2 + 2 * rnd(24))
		call(f, hex)
	} else if (dice < 90)
		call(rnd(3) ? rnd(12) : rnd(4294967296), junk(1 + rnd(40)))
	else if (dice < 94)
		odd(1 + rnd(9))
	else if (dice < 99)
		label()
	else {
		emit("evaluate \\BOOT", "-")
		reset()
	}
}

# Arguments of the wrong type, another UUID, another revision.
function odd(f,	command, dice) {
	command = dsm(f, "00")
	dice = rnd(5)
	if (dice == 0)
		sub(/\[.*/, rnd(4294967296), command)
	else if (dice == 1)
		sub(/\[.*/, "[" rnd(4294967296) "]", command)
	else if (dice == 2)
		sub(/\[.*/, "[\"abc\" (11 22)]", command)
	if (dice < 3) {
		emit(command, result(f, "00"))
		return
	}
	if (dice == 3)
		sub(/\(A4/, "(A5", command)
	else
		sub(/\) 1 /, ") 0 ", command)
	emit(command, "00")
}

# A label function of a DIMM that reaches behind the OS's part.
function label(	f, at, n, hex, command) {
	f = 5 + rnd(2)
	n = 1 + rnd(16)
	at = 131072 - rnd(n) + (rnd(2) ? rnd(2000) : 0)
	hex = le(4, at) le(4, rnd(5) ? n : 4294967295 - rnd(9)) junk(n)
	command = dsm(f, hex)
	sub(/\(A4[^)]*\)/, "(30 AC 09 43 11 0D E4 11 91 91 08 00 20 0C 9A 66)", command)
	sub(/NVDX/, "NVDX." sprintf("NV%02X", DIMMS[1 + rnd(NDIMMS)] - 1), command)
	emit(command, "03000000")
}

# ---- firmware --------------------------------------------------------------

# A function of DIMM d, in revision 2.
function dimm_dsm(d, f, hex,	command) {
	command = dsm(f, hex)
	sub(/\(A4[^)]*\) 1/, "(30 AC 09 43 11 0D E4 11 91 91 08 00 20 0C 9A 66) 2", command)
	sub(/NVDX/, "NVDX." sprintf("NV%02X", d - 1), command)
	return command
}

function bus_dsm(f, hex,	command) {
	command = dsm(f, hex)
	sub(/\(A4[^)]*\)/, "(D4 AC D8 C7 F8 2D 82 4B 9F 65 A3 25 33 5A F1 49)", command)
	return command
}

# An image of 32 bytes: revision, and what is wrong with it, 1 to 3: magic, length, sum.
function image(rev, wrong,	sum) {
	sum = 4294967296 * 2 - (1397313360 + 1464226899 + rev + 32 + (wrong == 2)) + (wrong == 3)
	return le(4, 1397313360 + (wrong == 1)) le(4, 1464226899) le(8, rev) le(4, 32 + (wrong == 2)) \
		le(4, sum % 4294967296) zeros(8)
}

# Mostly what comes next, of two DIMMs; an image comes in a few pieces.
function firmware(	d, f, c, hex) {
	d = rnd(4) ? 1 + rnd(2) : DIMMS[1 + rnd(NDIMMS)]
	c = rnd(12) ? CX[d] : rnd(4)
	f = rnd(3) ? forth(d) : 12 + rnd(8)
	if (f == 19) {
		bus(rnd(3) ? 2 : rnd(4))
		return
	}
	if (f > 16 && f < 29)
		f += 12
	if (f == 14) {
		if (FW[d] == "send" && RX[d] == 0) {
			REV[d] = 1 + rnd(1000000)
			WRONG[d] = rnd(9)
			IMAGE[d] = image(REV[d], WRONG[d])
		}
		hex = rnd(3) ? substr(IMAGE[d], 2 * RX[d] + 1) : substr(IMAGE[d], 2 * RX[d] + 1, 2 * rnd(16))
		hex = le(4, c) le(4, rnd(10) ? RX[d] : rnd(40)) le(4, length(hex) / 2 + (rnd(20) == 0)) hex
	} else if (f == 15)
		hex = le(1, rnd(8) ? 0 : rnd(3)) zeros(3) le(4, c)
	else if (f == 16)
		hex = le(4, c)
	else
		hex = le(1, f == 30 ? (rnd(3) ? 1 : rnd(3)) : 0)
	if (rnd(20) == 0 && length(hex) > 2)
		hex = substr(hex, 1, 2 + 2 * rnd(length(hex) / 2))
	emit(dimm_dsm(d, f, hex), MEDIA[d] ? update(d, f, hex, length(hex) / 2) : UNSUPPORTED)
}

# What comes next for DIMM d; 19 is the bus.
function forth(d) {
	if (FW[d] == "send")
		return RX[d] < 32 ? 14 : 15
	if (FW[d] == "done")
		return ARM[d] ? 19 : rnd(2) ? 16 : 30
	return FW[d] == "bad" && rnd(2) ? 16 : 13
}

# Result of function f of DIMM d: as "Firmware" in qemu-configs/acpi/README.md.
function update(d, f, hex, n,	len, flag) {
	if (f == 12)
		return OK le(4, 131072) le(4, 4096) le(4, 50000) le(4, 5000000) zeros(4) le(4, 261) RUN[d] \
			(FW[d] == "done" ? NEXT[d] : zeros(8))
	if (f == 13) {
		if (FW[d] != "" && FW[d] != "bad")
			return "07000100" zeros(4)
		FW[d] = "send"
		RX[d] = 0
		return OK le(4, ++CX[d])
	}
	if (f == 14) {
		if (n < 12)
			return "03000000"
		if (FW[d] != "send" || number(hex, 0, 4) != CX[d])
			return "07000100"
		len = number(hex, 8, 4)
		if (len > n - 12 || number(hex, 4, 4) != RX[d])
			return "03000000"
		RX[d] += len
		return OK
	}
	if (f == 15) {
		flag = n < 8 ? 9 : number(hex, 0, 1)
		if (flag > 1)
			return "03000000"
		if (FW[d] == "done")
			return "07000200"
		if (flag) {
			FW[d] = ""
			return "07000400"
		}
		if (FW[d] != "send" || number(hex, 4, 4) != CX[d])
			return "07000100"
		if (RX[d] != 32 || WRONG[d] == 1 || WRONG[d] == 2) {
			FW[d] = ""
			return "07000300"
		}
		FW[d] = WRONG[d] == 3 ? "bad" : "done"
		if (FW[d] == "done")
			NEXT[d] = le(8, REV[d])
		return OK
	}
	if (f == 16) {
		if (n < 4)
			return "03000000" zeros(8)
		if (FW[d] == "" || number(hex, 0, 4) != CX[d])
			return "07000100" zeros(8)
		return FW[d] == "done" ? OK NEXT[d] : (FW[d] == "bad" ? "07000300" : "07000400") zeros(8)
	}
	if (f == 29)
		return OK le(2, RESULT[d]) le(1, ARM[d] + 0) zeros(7)
	flag = number(hex, 0, 1)
	if (flag > 1)
		return "03000000"
	ARM[d] = flag
	if (flag)
		RESULT[d] = 0
	return OK
}

# A function of the root device for activation.
function bus(f,	i, d, armed, any, flag) {
	flag = rnd(4) ? 0 : rnd(3)
	for (i = 1; i <= NDIMMS; i++)
		armed += ARM[DIMMS[i]]
	if (f == 0)
		emit(bus_dsm(f, "00"), "07")
	else if (f == 1)
		emit(bus_dsm(f, "00"), OK zeros(2) le(1, armed > 0) "06" le(8, armed * 1000000) \
			le(8, armed * 1000000) le(8, armed * 1000000) le(8, 3000000))
	else if (f == 3)
		emit(bus_dsm(f, junk(4)), UNSUPPORTED)
	else if (flag > 1 || !armed || armed > 3)
		emit(bus_dsm(f, le(1, flag)), flag > 1 ? INVALID : armed ? "06000400" : "06000100")
	else {
		for (i = 1; i <= NDIMMS; i++) {
			d = DIMMS[i]
			RESULT[d] = ARM[d] ? FW[d] == "done" ? 2 : 1 : 0
			if (RESULT[d] == 2) {
				any = 1
				RUN[d] = NEXT[d]
				NEXT[d] = FW[d] = ""
			}
			ARM[d] = ""
		}
		emit(bus_dsm(f, le(1, flag)), any ? OK : "06000300")
	}
}

# ---- security --------------------------------------------------------------

# One of three passphrases, mostly the right one of DIMM d.
function passphrase(d, right,	n) {
	if (rnd(4))
		return right == "" ? zeros(32) : right
	n = rnd(3)
	return n ? le(8, n) le(8, 255) zeros(8) le(8, 4294967296 * n) : zeros(32)
}

# Any function of two DIMMs, at times of others; unlocked soon, so that there is something to do.
function security(	d, f, hex) {
	d = rnd(4) ? 1 + rnd(2) : DIMMS[1 + rnd(NDIMMS)]
	f = LOCK[d] && rnd(2) ? 22 : rnd(4) ? 19 + rnd(10) : 19 + rnd(3)
	if (f == 23 && rnd(3))
		f = 19
	hex = f == 27 || f == 28 ? passphrase(d, MASTER[d]) : passphrase(d, PASS[d])
	if (f == 20 || f == 27)
		hex = hex passphrase(d, PASS[d])
	if (rnd(20) == 0)
		hex = substr(hex, 1, 2 + 2 * rnd(length(hex) / 2))
	emit(dimm_dsm(d, f, hex), MEDIA[d] && SLOTS[d] >= 12 && (DEVICE || f !~ /2[4568]/) ? \
		secure(d, f, hex, length(hex) / 2) : UNSUPPORTED)
}

# Result of function f of DIMM d: as "Security of a DIMM" in qemu-configs/acpi/README.md.
# An overwrite takes no time.
function secure(d, f, hex, n,	given, wanted) {
	wanted = f == 20 || f == 27 ? 64 : 32
	given = substr(hex, 1, 64)
	if (f == 19)
		return OK le(4, 1 + 2 * (BADM[d] >= 5)) le(4, 2 * (PASS[d] != "") + 4 * LOCK[d] + \
			8 * FROZEN[d] + 16 * (BAD[d] >= 5))
	if (f == 23) {
		if (PASS[d] == "")
			return STATE
		FROZEN[d] = 1
		return OK
	}
	if (f == 26) {
		if (!OVER[d])
			return "07000200"
		OVER[d] = 0
		return OK
	}
	if (n < wanted)
		return "03000000"
	if (FROZEN[d])
		return STATE
	if (f == 27 || f == 28) {
		if (BADM[d] >= 5)
			return STATE
		if (given != MASTER[d]) {
			BADM[d]++
			return WRONG_PASS
		}
		BADM[d] = 0
		if (f == 28)
			return no_passphrase(d)
		MASTER[d] = substr(hex, 65, 64)
		return OK
	}
	if (f == 22 ? !LOCK[d] : LOCK[d] && f < 22)
		return STATE
	if (PASS[d] == "") {
		if (f == 21)
			return STATE
		if (f == 20 && given != zeros(32))
			return WRONG_PASS
	} else {
		if (BAD[d] >= 5)
			return STATE
		if (given != PASS[d]) {
			BAD[d]++
			return WRONG_PASS
		}
		BAD[d] = 0
	}
	if (f == 22)
		LOCK[d] = 0
	else if (f == 20)
		PASS[d] = substr(hex, 65, 64)
	else if (f == 25)
		OVER[d] = 1
	else
		no_passphrase(d)
	return OK
}

function no_passphrase(d) {
	PASS[d] = ""
	LOCK[d] = BAD[d] = 0
	return OK
}
