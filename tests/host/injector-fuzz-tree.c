// SPDX-License-Identifier: GPL-2.0
/* Random texts, and a tree of sysfs and procfs that is damaged. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "injector-fuzz-tree.h"

static uint64_t state;

/* Knuth's MMIX generator; the high bits are the random ones. */
uint32_t any(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return n ? (uint32_t)(state >> 33) % n : 0;
}

void fuzz_seed(uint64_t v)
{
	state = v;
	any(1);
	any(1);
}

const char *fuzz_path(const char *path)
{
	static char full[4][512];
	static size_t next;
	char *to = full[next++ % 4];

	snprintf(to, sizeof(full[0]), "%s%s", sysroot, path);
	return to;
}

/* Makes the folders too. */
void fuzz_put(const char *path, const void *v, size_t n)
{
	char full[512], *p;
	int fd;

	snprintf(full, sizeof(full), "%s%s", sysroot, path);
	for (p = full + strlen(sysroot) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0755);
		*p = '/';
	}
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, v, n) != (ssize_t)n)
		abort();
	close(fd);
}

void fuzz_add(struct fuzz_text *t, const void *v, size_t n)
{
	t->v = xrealloc(t->v, t->n + n + 1);
	if (n)
		memcpy(t->v + t->n, v, n);
	t->n += n;
}

static const char * const foreign[] = {
	"", "\n", "\n\n\n", "{", "}\n", "{}\n", "{\"event\":\"plant\"}\n", "null\n", "[1,2]\n", "\t\t\n",
	"{\"event\":\"plant\",\"spa\":18446744073709551615,\"length\":1}\n",
	"{\"event\":\"plant\",\"spa\":18446744073709547520,\"length\":4095}\n",
	"{\"event\":\"plant\",\"spa\":0,\"length\":18446744073709551615}\n",
	"{\"event\":\"clear\",\"spa\":1125899906842624,\"length\":512,\"kmsg\":99999999999999999999}\n",
	"{\"event\":\"cancel\",\"mechanism\":\"dsm\",\"spa\":5,\"length\":5}\n",
	"{\"event\":\"plant\",\"target\":\"\\u0000\\ud800\\\",\"spa\":1,\"length\":1}\n",
	"{\"event\":\"plant\",\"target\":\"a\\nb\\u001b[2J\",\"spa\":4096,\"length\":1}\n",
	"-1", "0x", "18446744073709551615 18446744073709551615\n", "1 -1\n", "99999999999999999999 1\n",
	"0-0 : System RAM\n", "ffffffffffffffff-0 : System RAM\n", "%s%n%d\n", "\033[2J\001\177", "\377\376\n",
};

void fuzz_damage(struct fuzz_text *t)
{
	size_t at = any((uint32_t)t->n + 1), len = any(any(8) ? 40 : 2000), i;
	const char *odd = PICK(foreign);
	struct fuzz_text old;
	char c;

	fuzz_add(t, odd, 0);	/* so that there is something, if nothing is in it */
	old = *t;
	len = len < old.n - at ? len : old.n - at;
	switch (any(7)) {
	case 0:		/* a bit */
		if (at < old.n)
			old.v[at] = (char)(old.v[at] ^ 1 << any(8));
		return;
	case 1:		/* the end is missing */
		t->n = at;
		return;
	case 2:		/* zeroes, or any one byte */
		memset(old.v + at, any(2) ? 0 : (int)any(256), len);
		return;
	case 3:		/* a part is missing */
		memmove(old.v + at, old.v + at + len, old.n - at - len);
		t->n = old.n - len;
		return;
	default:	/* something comes in: a part once more, or what is of others */
		*t = (struct fuzz_text){ 0 };
		fuzz_add(t, old.v, at);
		switch (any(3)) {
		case 0:
			fuzz_add(t, old.v + at, len);
			break;
		case 1:
			for (i = any(300); i; i--) {
				c = (char)any(256);
				fuzz_add(t, &c, 1);
			}
			break;
		default:
			fuzz_add(t, odd, strlen(odd));
		}
		fuzz_add(t, old.v + at, old.n - at);
		free(old.v);
	}
}

#define ND	"/sys/bus/nd/devices"
#define CXL	"/sys/bus/cxl/devices"
#define DEBUG	"/sys/kernel/debug"

static const struct {
	const char *path, *text;
} files[] = {
	{ ND "/ndbus0/nfit/dsm_mask", "0x3be\n" },
	{ ND "/ndbus0/nfit/scrub", "1\n" },
	{ ND "/ndbus1/nfit/dsm_mask", "0x3be\n" },
	{ ND "/ndbus1/nfit/scrub", "0\n" },
	{ ND "/region1/badblocks", "4096 2\n" },
	{ CXL "/mem0/serial", "0x64\n" },
	{ CXL "/mem0/ram/size", "0x8000000\n" },
	{ CXL "/subsystem_vendor", "0x1af4\n" },
	{ CXL "/region5/commit", "1\n" },
	{ CXL "/region5/resource", "0x200000000\n" },
	{ CXL "/region5/size", "0x8000000\n" },
	{ CXL "/region5/interleave_ways", "2\n" },
	{ CXL "/region5/interleave_granularity", "256\n" },
	{ CXL "/region5/target0", "decoder2.0\n" },
	{ CXL "/region5/target1", "decoder3.0\n" },
	{ CXL "/region5/dax_region5/dax5.0/resource", "0x200000000\n" },
	{ CXL "/region5/dax_region5/dax5.0/size", "0x8000000\n" },
	{ CXL "/region5/dax_region5/dax5.0/align", "2097152\n" },
	{ CXL "/region5/dax_region5/dax5.0/driver", "" },
	{ CXL "/decoder2.0/dpa_resource", "0x0\n" },
	{ CXL "/decoder3.0/dpa_resource", "0x4000000\n" },
	{ "/sys/block/pmem0/badblocks", "8 8\n100 1\n7000 1000\n" },
	{ "/sys/block/pmem0/diskseq", "7\n" },
	{ "/sys/block/pmem4/badblocks", "" },
	{ "/sys/firmware/acpi/tables/SSDT2", "SSDTllllrcPOISONNVDIMMER0001INTL0001" },
	{ "/sys/devices/system/memory/hard_offline_page", "" },
	{ DEBUG "/hwpoison/corrupt-pfn", "" },
	{ DEBUG "/hwpoison/corrupt-filter-enable", "0\n" },
	{ DEBUG "/mce-inject/bank", "0\n" },
	{ DEBUG "/mce-inject/flags", "sw\n" },
	{ DEBUG "/apei/einj/error_inject", "" },
	{ DEBUG "/apei/einj/param1", "0x0\n" },
	{ DEBUG "/apei/einj/available_error_type", "0x00000008\tMemory Correctable\n"
	  "0x00000010\tMemory Uncorrectable non-fatal\n" },
	{ DEBUG "/cxl/mem0/inject_poison", "" },
	{ "/dev/mcelog", "" },
	{ "/dev/kmsg", "3,1,1,-;Memory failure: 0x100604: recovery action for dax page: Recovered\n" },
	{ "/proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu hypervisor sse\n" },
	{ "/proc/iomem", "00001000-0009ffff : System RAM\n01000000-0fffffff : System RAM\n"
	  "100000000-107ffffff : Persistent Memory\n  100600000-1045fffff : namespace0.0\n" },
	{ "/proc/meminfo", "MemTotal: 4 kB\nHardwareCorrupted: 4 kB\n" },
	{ "/proc/mounts", "debugfs /sys/kernel/debug debugfs rw 0 0\n" },
	{ "/proc/self/status", "Name: poisonctl\nCapEff: 000001ffffffffff\n" },
	{ "/proc/self/mountinfo", "1 0 259:0 / /mnt rw - xfs /dev/pmem0 rw\n" },
	{ "/proc/sys/kernel/osrelease", "6.1.0-9-amd64\n" },
	{ "/proc/sys/kernel/random/boot_id", "boot-1\n" },
	{ "/proc/sys/vm/memory_failure_recovery", "1\n" },
	{ "/proc/sys/vm/memory_failure_early_kill", "0\n" },
	{ "/proc/77/comm", "db\n" },
	{ "/proc/77/stat", "77 (x) S 1 77 77 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 99 0 0\n" },
	{ "/proc/77/task/77/stat", "77 (x) S 1 77 77 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 99 0 0\n" },
	{ "/proc/77/maps", "7f0000000000-7f0000004000 rw-s 00000000 103:00 8 /mnt/file\n" },
	{ "/proc/77/smaps", "00400000-00410000 rw-p 00000000 00:00 0\nKernelPageSize: 4 kB\n"
	  "AnonHugePages: 0 kB\nVmFlags: rd wr mr mw me ac sd\n" },
};

static const char * const tables[] = { "/proc/77/pagemap", "/proc/kpageflags" };

/* Two binary ones: frame 0x1234 at 0x400000 of process 77, all flags clear but one. */
static void put_tables(void)
{
	static uint64_t words[0x1240];
	static uint64_t flags[0x1240];

	words[0x400] = UINT64_C(1) << 63 | 0x1234;
	words[0x401] = UINT64_C(1) << 63 | 0x100601;
	flags[0x1235] = 1 << 19;
	fuzz_put(tables[0], words, 0x410 * sizeof(*words));
	fuzz_put(tables[1], flags, sizeof(flags));
}

/* Of both decoders; nothing damages it, and each child finds it there. */
static void put_memdev(void)
{
	if (symlink("../../mem0", fuzz_path("/sys/bus/cxl/devices/uport")) && errno != EEXIST)
		abort();
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	if (at->level && remove(path))
		abort();
	return 0;
}

static void remove_tree(const char *path)
{
	if (!access(path, F_OK) && nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS))
		abort();
}

static const char * const moods[] = {
	"FAKE_DSM=refuse", "FAKE_DSM=invalid", "FAKE_DSM=short", "FAKE_DSM=liar", "FAKE_ARS=none",
	"FAKE_ARS=full", "FAKE_ARS=liar", "FAKE_ARS=other", "FAKE_NAMESPACES=EACCES", "FAKE_RAW=1",
	"FAKE_HIDDEN=1", "FAKE_OWNERS=files", "FAKE_OWNERS=free", "FAKE_FILE=moves", "FAKE_TRANSLATE=1",
};

/* What is not as after boot: at first nothing is known. */
static bool touched[ARRAY_SIZE(files)] = { [0 ... ARRAY_SIZE(files) - 1] = true };
static bool tables_touched = true;


void fuzz_fresh(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(moods); i++) {
		char name[32];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(moods[i], "="), moods[i]);
		unsetenv(name);
	}
	unsetenv("FAKE_UNREADABLE");
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		if (!touched[i])
			continue;
		remove(fuzz_path(files[i].path));
		fuzz_put(files[i].path, files[i].text, strlen(files[i].text));
		touched[i] = false;
	}
	if (tables_touched) {
		remove(fuzz_path(tables[0]));
		remove(fuzz_path(tables[1]));
		put_tables();
		tables_touched = false;
	}
	put_memdev();
	remove_tree(fuzz_path("/run"));
	mkdir(fuzz_path("/run"), 0755);
	unlink(fuzz_path("/fw"));
	unlink(fuzz_path("/writes.bad"));
}

static void damage_file(const char *path)
{
	size_t i;
	struct fuzz_text t = { 0 };

	if (!any(5)) {
		unlink(fuzz_path(path));
		return;
	}
	if (!any(8)) {
		unlink(fuzz_path(path));
		mkdir(fuzz_path(path), 0755);
		return;
	}
	t.v = read_bytes(path, &t.n);
	for (i = 1 + any(3); t.v && i; i--)
		fuzz_damage(&t);
	/* once more and once more, as long as a page of sysfs and more */
	for (i = any(4) ? 0 : any(200); i && t.n && t.n < 16384; i--) {
		struct fuzz_text again = { 0 };

		fuzz_add(&again, t.v, t.n);
		fuzz_add(&t, again.v, again.n);
		free(again.v);
	}
	if (t.v)
		fuzz_put(path, t.v, t.n);
	free(t.v);
}

static void hide_files(void)
{
	static const char * const errors[] = { "EIO", "EACCES", "ENOMEM", "ELOOP", "ESRCH", "ENXIO" };
	char text[1024];
	size_t n = 0, i;

	for (i = 1 + any(3); i; i--)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s:%s", n ? " " : "",
			PICK(errors), any(6) ? files[any(ARRAY_SIZE(files))].path :
			any(2) ? "/proc/77/*" : "*nfit*");
	setenv("FAKE_UNREADABLE", text, 1);
}

void fuzz_trees(void)
{
	char mood[64];
	size_t i, k;

	for (i = any(5); i; i--) {
		k = any(ARRAY_SIZE(files));
		if (any(8)) {
			damage_file(files[k].path);
			touched[k] = true;
		} else {
			damage_file(PICK(tables));
			tables_touched = true;
		}
	}
	if (any(2))
		hide_files();
	for (i = any(3); i; i--) {
		copy_name(mood, sizeof(mood), PICK(moods));
		*strchr(mood, '=') = '\0';
		setenv(mood, mood + strlen(mood) + 1, 1);
	}
}

void fuzz_remove(void)
{
	remove_tree(sysroot);
	rmdir(sysroot);
}
