// SPDX-License-Identifier: GPL-2.0
/* The scrub of a machine that is not there; injector-fake.h says how it goes. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "injector-fake.h"
#include "platform.h"
#include "ranges.h"
#include "util.h"

#define SCRUB_US	300000	/* that a scrub of the bus takes */

static FILE *in_root(const char *path, const char *mode)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", sysroot, path);
	f = fopen(full, mode);
	if (!f && *mode != 'r')
		abort();
	return f;
}

/* In place and in one write: a reader keeps its descriptor, as in sysfs. */
static void scrub_is(const char *bus, uint64_t count, const char *mark)
{
	char path[512], text[32];
	int fd, n;

	snprintf(path, sizeof(path), "%s/sys/bus/nd/devices/%s/nfit/scrub",
		 sysroot, bus);
	n = snprintf(text, sizeof(text), "%" PRIu64 "%s\n", count, mark);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	if (fd < 0 || pwrite(fd, text, (size_t)n, 0) != n ||
	    ftruncate(fd, n))
		abort();
	close(fd);
}

static uint64_t scrub_count(const char *bus)
{
	char text[32];

	if (read_text(text, sizeof(text), "/sys/bus/nd/devices/%s/nfit/scrub",
		      bus) <= 0)
		return 0;
	return strtoull(text, NULL, 10);
}

void fake_scrub_ended(const char *bus)
{
	scrub_is(bus, scrub_count(bus) + 1, "");
}

/* What the firmware holds becomes badblocks, as far as pmem0 has it. */
static void list_all(const char *mood)
{
	struct ranges fw = { 0 };
	FILE *f;
	size_t i;

	if (!strcmp(mood, "overlap"))
		return;
	fake_fw_load(&fw);
	f = in_root("/sys/block/pmem0/badblocks", "w");
	for (i = 0; i < fw.n; i++)
		if (fw.v[i].start >= FAKE_DATA0 &&
		    fw.v[i].start < FAKE_DATA0 + FAKE_SIZE0)
			fprintf(f, "%" PRIu64 " %" PRIu64 "\n",
				(fw.v[i].start - FAKE_DATA0) / 512,
				(fw.v[i].len + 511) / 512);
	fclose(f);
	ranges_free(&fw);
}

int fake_start_scrub(const char *bus)
{
	const char *mood = getenv("FAKE_SCRUB");
	uint64_t count = scrub_count(bus);

	mood = mood ? mood : "";
	if (!strcmp(mood, "busy"))
		return -EBUSY;
	scrub_is(bus, count, "+");
	if (!strcmp(mood, "stuck") || fork())
		return 0;
	usleep(SCRUB_US);
	list_all(mood);
	scrub_is(bus, count + 1, strcmp(mood, "next") ? "" : "+");
	_exit(0);
}

/* How often function @func was called before, since the tree was made. */
static unsigned int calls(unsigned int func)
{
	unsigned int n = 0;
	char path[32];
	FILE *f;

	snprintf(path, sizeof(path), "/ars.%u", func);
	f = in_root(path, "r");
	if (f) {
		if (fscanf(f, "%u", &n) != 1)
			abort();
		fclose(f);
	}
	f = in_root(path, "w");
	fprintf(f, "%u\n", n + 1);
	fclose(f);
	return n;
}

static void answer(uint8_t *out, uint32_t status, size_t *got)
{
	fake_put_le(out, status, 4);
	*got = 4;
}

static int start(const uint8_t *in, uint8_t *out, size_t *got, const char *mood)
{
	unsigned int before = calls(2);
	FILE *f;

	if (!strcmp(mood, "kernel") && before < 2)
		return -EBUSY;
	answer(out, !strcmp(mood, "busy") && before < 2 ? 6 : 0, got);
	f = in_root("/ars", "w");
	fprintf(f, "%" PRIu64 " %" PRIu64 "\n", fake_le(in, 8),
		fake_le(in + 8, 8));
	fclose(f);
	return 0;
}

static void put_result(uint8_t *out, size_t size, size_t *got, uint64_t spa,
		       uint64_t len, bool full)
{
	struct ranges fw = { 0 }, in = { 0 };
	size_t i, n;

	fake_fw_load(&fw);
	ranges_clip(&in, &fw, spa, len);
	n = full && in.n > 1 ? 1 : in.n;
	fake_put_le(out, n < in.n ? 3U << 16 : 0, 4);
	fake_put_le(out + 8, spa, 8);
	fake_put_le(out + 16, len, 8);
	if (n < in.n) {
		fake_put_le(out + 24, in.v[n].start, 8);
		fake_put_le(out + 32, spa + len - in.v[n].start, 8);
	}
	fake_put_le(out + 44, n, 4);
	for (i = 0; i < n && 48 + 24 * (i + 1) <= size; i++) {
		fake_put_le(out + 48 + 24 * i + 8, in.v[i].start, 8);
		fake_put_le(out + 48 + 24 * i + 16, in.v[i].len, 8);
	}
	*got = 48 + 24 * n;
	fake_put_le(out + 4, *got - 4, 4);
	ranges_free(&fw);
	ranges_free(&in);
}

static int status(uint8_t *out, size_t size, size_t *got, const char *mood)
{
	unsigned int before = calls(3);
	uint64_t spa = 0, len = 0;
	FILE *f = in_root("/ars", "r");

	memset(out, 0, 48);
	*got = 48;
	if (!f) {
		fake_put_le(out, 2U << 16, 4);
		return 0;
	}
	if (fscanf(f, "%" SCNu64 " %" SCNu64, &spa, &len) != 2)
		abort();
	fclose(f);
	if (!strcmp(mood, "endless") || (!strcmp(mood, "slow") && before < 2))
		fake_put_le(out, 1U << 16, 4);
	else if (!strcmp(mood, "other") && before < 2)
		put_result(out, size, got, spa, len / 2, false);
	else
		put_result(out, size, got, spa, len, !strcmp(mood, "full"));
	if (!strcmp(mood, "liar"))
		fake_put_le(out + 44, 1000000, 4);
	return 0;
}

/* Offsets as in ACPI 6.2, 9.20.7.4 to 9.20.7.6. */
int fake_ars(unsigned int func, const void *in, size_t in_size, void *out,
	     size_t out_size, size_t *got)
{
	static const size_t want[] = { 0, 16, 24, 0 };
	const char *mood = getenv("FAKE_ARS");

	mood = mood ? mood : "";
	if (in_size != want[func])
		return -EINVAL;
	if (func == 2)
		return start(in, out, got, mood);
	if (func == 3)
		return status(out, out_size, got, mood);
	answer(out, strcmp(mood, "none") ? 2U << 16 : 0, got);
	fake_put_le((uint8_t *)out + 4, 48 + 24 * 10000, 4);
	fake_put_le((uint8_t *)out + 8, FAKE_CLEAR_UNIT, 4);
	fake_put_le((uint8_t *)out + 12, 0, 4);
	*got = 16;
	return 0;
}
