// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of the truth table as text for poisonctl-outcomes(7), so that the manual has
 * what trials are judged by.  Runs while the manual is made; asciidoc on stdout.
 */
#include <stdio.h>

#include "expect.h"

static const char * const devices[] = {
	[DEV_FILE] = "A file on a DAX filesystem",
	[DEV_DEVDAX] = "Device-dax",
	[DEV_BLOCK] = "The block device",
};

static const char * const poisons[] = {
	[POISON_LATENT] = "latent",
	[POISON_LISTED] = "listed",
	[POISON_FLAGGED] = "flagged",
	[POISON_NOTED] = "noted",
};

static const char * const reaches[] = {
	[REACH_CLEAN] = "mapped read-only",
	[REACH_DIRTY] = "mapped for writing",
	[REACH_FAULT] = "not mapped yet",
};

static const char * const results[] = {
	[RES_CONSUMED] = "SIGBUS BUS_MCEERR_AR; the poison is listed",
	[RES_REFUSED_ADRERR] = "SIGBUS BUS_ADRERR",
	[RES_REFUSED_AR] = "SIGBUS BUS_MCEERR_AR",
	[RES_NOT_COPIED] = "SIGBUS BUS_MCEERR_AR; the poison is listed",
	[RES_QUIET] = "no signal",
	[RES_OLD_DATA] = "no signal, the data as before",
	[RES_COPIED_DATA] = "no signal, the private data",
	[RES_ZEROED] = "no signal, and the copy is zeroes; the poison is listed",
	[RES_EIO_AT_ONCE] = "EIO, nothing is moved",
	[RES_EIO_AT_PAGE] = "the good pages in front, then EIO",
	[RES_EIO_AT_LINE] = "all good bytes in front, then EIO; the poison is listed",
	[RES_EFAULT_AT_LINE] = "all good bytes in front, then EFAULT, or EIO once it is listed",
	[RES_ALL_OLD] = "all bytes, as before",
	[RES_ALL_COPIED] = "all bytes, of the private data",
	[RES_WRITTEN] = "all bytes are written",
	[RES_REPAIRED] = "all bytes are written, and the poison is gone",
	[RES_EFAULT_AT_ONCE] = "EFAULT, nothing is moved",
	[RES_EFAULT_AND_AR] = "EFAULT, and SIGBUS BUS_MCEERR_AR; the poison is listed",
	[RES_SHORT_AND_AR] = "a short write, and SIGBUS BUS_MCEERR_AR; the poison is listed",
	[RES_SYNCED] = "success",
	[RES_SYNC_EIO] = "EIO",
	[RES_NOTHING] = "what the planting itself brings",
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

_Static_assert(COUNT(results) == RES_COUNT, "each result has its words");
_Static_assert(COUNT(poisons) == POISON_COUNT, "each state has its word");
_Static_assert(COUNT(devices) == DEV_COUNT, "each device has its words");

/* Return: number of names that were printed; all of them say nothing, and print none. */
static int names(const char *before, unsigned int mask, const char * const *v, unsigned int n)
{
	unsigned int all = (1U << n) - 1, i;
	int printed = 0;

	if ((mask & all) == all)
		return 0;
	for (i = 0; i < n; i++)
		if (mask & BIT(i))
			printf("%s%s", printed++ ? ", " : before, v[i]);
	return printed;
}

static void print_row(const struct row *r)
{
	unsigned int i, n = 0;

	for (i = 0; i < ACCESS_COUNT; i++)
		if (r->accesses & BIT(i))
			printf("%s*%s*", n++ ? ", " : "", access_names[i]);
	names("; ", r->maps, map_names, 3);
	names("; ", r->reaches, reaches, COUNT(reaches));
	names("; Linux ", r->families, family_names, FAMILY_COUNT);
	printf(":: %s +\n_%s_\n", results[r->result], r->source);
}

static void print_part(enum device_kind dev, enum poison_state poison)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < expect_nrows; i++) {
		const struct row *r = &expect_rows[i];

		if (!(r->devs & BIT(dev)) || !(r->poisons & BIT(poison)))
			continue;
		if (!n++)
			printf("=== %s, poison that is %s\n\n", devices[dev], poisons[poison]);
		print_row(r);
	}
	if (n)
		putchar('\n');
}

int main(void)
{
	int dev, poison;

	puts("// made of expect-rows.c\n");
	for (dev = 0; dev < DEV_COUNT; dev++)
		for (poison = 0; poison < POISON_COUNT; poison++)
			print_part((enum device_kind)dev, (enum poison_state)poison);
	return ferror(stdout) || fflush(stdout);
}
