// SPDX-License-Identifier: GPL-2.0
/*
 * poison-list - the list of poison in the backing file of an NVDIMM
 *
 * Prints or edits, while no guest runs, what the ACPI overlay and the poison
 * device keep behind the first 128 KiB of the label area.  The device's own
 * code does it (../device/poison-list.h), so the rules are the same: a file
 * is valid whenever this program dies, and what is foreign or damaged stays as
 * it is.  Printing changes nothing.
 *
 * A file is in use when another process has it open.  That is seen for the
 * caller's own processes, for all of them as root, and on this machine only.
 * Nothing keeps a QEMU from starting while an edit goes on.
 *
 * Exit status:
 *   1  the file, or the output, cannot be read or written
 *   2  bad arguments, or a range outside of the NVDIMM
 *   3  the file is in use
 *   4  what lies there is no list of poison, or of another version
 *   5  the list contradicts itself
 *   6  the list is full
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "poison.h"
#include "poison-list.h"

enum exit_status {
	EXIT_FILE	= 1,
	EXIT_USAGE	= 2,
	EXIT_IN_USE	= 3,
	EXIT_FOREIGN	= 4,
	EXIT_DAMAGED	= 5,
	EXIT_FULL	= 6,
};

/* QEMU cuts what is in front of the labels to whole pages */
#define PAGE	4096
#define GRANULE	(1 << POISON_GRANULE_SHIFT)

struct edit {
	bool plant;
	uint64_t start, count;	/* granules */
	const char *text;
};

/* all values in bytes, but for granules */
struct backing {
	const char *name;
	uint8_t *map;		/* from the list to the end of the file */
	size_t size;
	uint64_t granules;
};

static void __attribute__((noreturn, format(printf, 2, 3)))
die(enum exit_status status, const char *format, ...)
{
	va_list ap;

	fputs("poison-list: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

static void usage(void)
{
	puts("Usage: poison-list [OPTION]... FILE LABEL-SIZE\n"
	     "\n"
	     "Prints the list of poison in the backing file of an NVDIMM whose guest does not\n"
	     "run: a line about the list, then each range, bytes from the NVDIMM's start.\n"
	     "\n"
	     "LABEL-SIZE is QEMU's label-size= of this NVDIMM.  A RANGE is OFFSET+LENGTH in\n"
	     "multiples of 64 bytes.  Numbers may be hexadecimal and end in K, M or G.\n"
	     "\n"
	     "  --plant RANGE      poison it first\n"
	     "  --clear RANGE      clear it first, whatever of it is poisoned\n"
	     "  --unsafe-shutdown  the last shutdown was an unsafe one: the guest's next start\n"
	     "                     is told so, and counts it\n"
	     "  --help             this text\n"
	     "\n"
	     "Edits of ranges are done in the order given.  Exit status: 1 cannot read or\n"
	     "write, 2 bad arguments, 3 the file is in use, 4 not a list of poison, 5 a\n"
	     "damaged list, 6 the list is full.");
}

/* Return: what follows the number, or NULL if there is none below 2^64 */
static const char *parse_size(const char *s, uint64_t *value)
{
	static const char units[] = "KMG";
	unsigned int shift = 0;
	const char *unit;
	char *end;

	if (!isdigit((unsigned char)*s))
		return NULL;
	errno = 0;
	*value = strtoull(s, &end, 0);
	if (errno)
		return NULL;
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (unit) {
		shift = 10 * (unit - units + 1);
		end++;
	}
	if (*value > UINT64_MAX >> shift)
		return NULL;
	*value <<= shift;
	return end;
}

static struct edit parse_edit(bool plant, const char *text)
{
	struct edit e = { .plant = plant, .text = text };
	const char *end = parse_size(text, &e.start);

	if (!end || *end != '+')
		die(EXIT_USAGE, "bad range '%s': expected OFFSET+LENGTH", text);
	end = parse_size(end + 1, &e.count);
	if (!end || *end)
		die(EXIT_USAGE, "bad range '%s': expected OFFSET+LENGTH", text);
	if (e.start % GRANULE || e.count % GRANULE)
		die(EXIT_USAGE, "bad range '%s': expected multiples of %d", text, GRANULE);
	e.start /= GRANULE;
	e.count /= GRANULE;
	return e;
}

/* does this process have the file open?  A link that is gone is no file. */
static bool has_open(const char *pid, const struct stat *file)
{
	char path[64];
	struct dirent *d;
	struct stat st;
	bool found = false;
	DIR *fds;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	fds = opendir(path);
	if (!fds)
		return false;
	while (!found && (d = readdir(fds)))
		found = !fstatat(dirfd(fds), d->d_name, &st, 0) &&
			st.st_dev == file->st_dev && st.st_ino == file->st_ino;
	closedir(fds);
	return found;
}

/* QEMU locks no file that is memory, but keeps it open */
static void refuse_in_use(const char *name, const struct stat *file)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;

	if (!proc)
		die(EXIT_FILE, "cannot tell if '%s' is in use: no '/proc'", name);
	while ((d = readdir(proc)))
		if (isdigit((unsigned char)d->d_name[0]) && atoi(d->d_name) != getpid() &&
		    has_open(d->d_name, file))
			die(EXIT_IN_USE, "'%s' is in use by process %s", name, d->d_name);
	closedir(proc);
}

/*
 * Maps the list.  Without write, the map is a copy: opening a list whose writer
 * died repairs it, and printing is to change nothing.
 */
static struct backing map_file(const char *name, uint64_t label, bool write)
{
	struct backing b = { .name = name };
	uint64_t size, from;
	struct stat st;
	int fd;

	fd = open(name, write ? O_RDWR : O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		die(EXIT_FILE, "cannot open '%s': %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		die(EXIT_FILE, "'%s' is not a regular file", name);
	refuse_in_use(name, &st);
	size = st.st_size;
	if (label <= POISON_LIST_OFFSET || label % PAGE || size % PAGE || label >= size)
		die(EXIT_USAGE, "label size %" PRIu64 " does not fit '%s' of %" PRIu64
		    " bytes: expected multiples of %d, more than %d", label, name, size,
		    PAGE, POISON_LIST_OFFSET);
	b.granules = (size - label) / GRANULE;
	if (b.granules > (uint64_t)UINT32_MAX + 1)
		b.granules = (uint64_t)UINT32_MAX + 1;
	from = size - label + POISON_LIST_OFFSET;
	b.size = size - from;
	b.map = mmap(NULL, b.size, PROT_READ | PROT_WRITE,
		     write ? MAP_SHARED : MAP_PRIVATE, fd, from);
	if (b.map == MAP_FAILED)
		die(EXIT_FILE, "cannot map '%s': %s", name, strerror(errno));
	close(fd);
	return b;
}

static uint32_t header(const struct backing *b, size_t offset)
{
	uint32_t value;

	memcpy(&value, b->map + offset, sizeof(value));
	return le32toh(value);
}

static PoisonList *open_list(const struct backing *b)
{
	char why[POISON_WHY_MAX];
	PoisonList *list;

	switch (poison_list_open(&list, b->map, b->size, b->granules, NULL, NULL, why)) {
	case POISON_OPEN_OK:
		return list;
	case POISON_OPEN_FOREIGN:
		die(EXIT_FOREIGN, "the list in '%s' is refused: %s", b->name, why);
	case POISON_OPEN_DAMAGED:
		die(EXIT_DAMAGED, "the list in '%s' is refused: %s", b->name, why);
	default:
		die(EXIT_USAGE, "there is no list in '%s': %s", b->name, why);
	}
}

static void apply(PoisonList *list, const struct backing *b, const struct edit *e)
{
	unsigned int status = POISON_ST_RANGE;

	if (e->start <= UINT32_MAX && e->count <= UINT32_MAX)
		status = e->plant ? poison_list_plant(list, e->start, e->count) :
				    poison_list_clear(list, e->start, e->count);
	if (status == POISON_ST_RANGE)
		die(EXIT_USAGE, "range '%s' is empty or not within the 0x%" PRIx64
		    " bytes of '%s'", e->text, b->granules * GRANULE, b->name);
	if (status == POISON_ST_FULL)
		die(EXIT_FULL, "the list in '%s' is full: %" PRIu32 " slots, '%s' needs another",
		    b->name, poison_list_capacity(list), e->text);
}

/* the check word of a record of health, of what is behind it */
static uint32_t health_check(const uint32_t record[])
{
	uint32_t sum = POISON_HEALTH_ADD;

	for (size_t i = 1; i < POISON_HEALTH_SIZE / sizeof(*record); i++)
		sum += le32toh(record[i]);
	return sum;
}

/*
 * The record of health says that an unsafe shutdown is due, as function 18 of the DIMM has it
 * said (../acpi/smart.asl).  It is that of a DIMM from the factory if there was none; so is one
 * that is torn, if this program dies.
 */
static void have_unsafe_shutdown(PoisonList *list, const struct backing *b)
{
	uint32_t record[POISON_HEALTH_SIZE / sizeof(uint32_t)];
	uint8_t *bytes = (uint8_t *)record;
	uint16_t word;

	poison_list_make(list);
	memcpy(record, b->map + POISON_HDR_HEALTH, sizeof(record));
	if (le32toh(record[0]) != health_check(record)) {
		memset(record, 0, sizeof(record));
		word = htole16(POISON_FACTORY_ALARMS);
		memcpy(bytes + POISON_HEALTH_ALARMS, &word, sizeof(word));
		bytes[POISON_HEALTH_SPARES] = POISON_FACTORY_SPARES;
		word = htole16(POISON_FACTORY_MEDIA);
		memcpy(bytes + POISON_HEALTH_MEDIA, &word, sizeof(word));
		word = htole16(POISON_FACTORY_CTRL);
		memcpy(bytes + POISON_HEALTH_CTRL, &word, sizeof(word));
	}
	bytes[POISON_HEALTH_FLAGS] |= POISON_HEALTH_DUE;
	record[0] = htole32(health_check(record));
	memcpy(b->map + POISON_HDR_HEALTH, record, sizeof(record));
}

static void print(const PoisonList *list, const struct backing *b, uint32_t intent)
{
	uint32_t start, count;
	uint64_t pos = 0;

	if (header(b, POISON_HDR_MAGIC0) == 0) {
		printf("no list yet: room for %" PRIu32 " slots\n", poison_list_capacity(list));
		return;
	}
	printf("version %" PRIu32 ", %" PRIu32 " of %" PRIu32 " slots in use",
	       header(b, POISON_HDR_VERSION), poison_list_ranges(list),
	       poison_list_capacity(list));
	if (intent)
		printf(", its writer died at slot %" PRIu32, intent - 1);
	putchar('\n');
	while (poison_list_next(list, &pos, &start, &count))
		printf("0x%" PRIx64 "+0x%" PRIx64 "\n", (uint64_t)start * GRANULE,
		       (uint64_t)count * GRANULE);
}

int main(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "clear", required_argument, NULL, 'c' },
		{ "help",  no_argument,       NULL, 'h' },
		{ "plant", required_argument, NULL, 'p' },
		{ "unsafe-shutdown", no_argument, NULL, 'u' },
		{ }
	};
	struct edit *edits = calloc(argc, sizeof(*edits));
	struct backing b;
	PoisonList *list;
	const char *end;
	uint64_t label;
	uint32_t intent;
	bool unsafe = false;
	int n = 0, c;

	if (!edits)
		die(EXIT_FILE, "no memory");
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", longopts, NULL)) != -1) {
		switch (c) {
		case 'c':
		case 'p':
			edits[n++] = parse_edit(c == 'p', optarg);
			break;
		case 'u':
			unsafe = true;
			break;
		case 'h':
			usage();
			return 0;
		case ':':
			die(EXIT_USAGE, "no range for '%s'; try --help", argv[optind - 1]);
		default:
			die(EXIT_USAGE, "unknown option '%s'; try --help", argv[optind - 1]);
		}
	}
	if (argc - optind != 2)
		die(EXIT_USAGE, "expected FILE and LABEL-SIZE; try --help");
	end = parse_size(argv[optind + 1], &label);
	if (!end || *end)
		die(EXIT_USAGE, "bad label size '%s': expected bytes", argv[optind + 1]);

	b = map_file(argv[optind], label, n > 0 || unsafe);
	intent = header(&b, POISON_HDR_MAGIC0) ? header(&b, POISON_HDR_INTENT) : 0;
	list = open_list(&b);
	for (int i = 0; i < n; i++)
		apply(list, &b, &edits[i]);
	if (unsafe)
		have_unsafe_shutdown(list, &b);
	if ((n || unsafe) && msync(b.map, b.size, MS_SYNC))
		die(EXIT_FILE, "cannot write '%s': %s", b.name, strerror(errno));
	print(list, &b, intent);
	poison_list_close(list);
	free(edits);
	if (fflush(stdout) || ferror(stdout))
		die(EXIT_FILE, "cannot write the output: %s", strerror(errno));
	return 0;
}
