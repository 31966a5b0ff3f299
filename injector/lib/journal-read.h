/* SPDX-License-Identifier: GPL-2.0 */
/* Reading the journal: its lines, and what they come to.  Nothing is printed. */
#ifndef POISONCTL_JOURNAL_READ_H
#define POISONCTL_JOURNAL_READ_H

#include "journal.h"

enum {
	HAS_EVENT = 1, HAS_SPA = 2, HAS_LENGTH = 4,
	HAS_ALL = HAS_EVENT | HAS_SPA | HAS_LENGTH,
	HAS_BOOT = 8,
};

struct journal_line {
	unsigned int has;
	char event[16];
	char boot[64];
	uint64_t kmsg;
	struct planted p;
};

struct journal_event {
	bool plant;		/* else a clearing */
	bool gone;		/* cancelled */
	uint64_t kmsg;
	uint64_t spa;
	uint64_t len;
	const char *line;	/* the rest of it, read again where it is needed */
};

struct journal_state {
	char *text;
	char boot[64];
	struct journal_event *v;	/* plantings and clearings, in order */
	size_t n, cap;
	size_t cancelled;		/* index of the last that was */
	size_t lines;
	size_t damaged, damaged_line;	/* how many, the first one's number */
	char *kept;			/* damaged lines as they are */
	size_t kept_len;
	uint64_t *cuts;			/* bounds of clearings, sorted */
	size_t ncuts;
	size_t *owner;			/* of what follows each: the last one */
};

/**
 * journal_parse() - one line
 * @s: terminated text that starts with it
 *
 * A flat object of strings and numbers without white space, as it is written.
 *
 * Return: behind its newline; NULL if it is damaged.
 */
const char *journal_parse(const char *s, struct journal_line *l);

/**
 * journal_settle() - all lines of this boot
 * @text: of the file, terminated, may be NULL; @j owns it from now on
 * @len: of the file; a zero byte in it is damage like any other
 * @boot: the id of this boot, empty if it is not known
 * @j: journal_forget() it
 *
 * The time is that of sorting the lines.
 */
void journal_settle(char *text, size_t len, const char *boot, struct journal_state *j);

/**
 * journal_rest() - what was planted and is not cleared, also of a range in part
 */
void journal_rest(const struct journal_state *j, struct planted **v, size_t *n);

/**
 * journal_good() - what was cleared last and when, sorted, without overlaps
 */
void journal_good(const struct journal_state *j, struct cleared **v, size_t *n);

void journal_forget(struct journal_state *j);

#endif
