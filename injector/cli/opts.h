/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options as data: each verb has one table of rows, from which both the
 * getopt_long(3) tables and the text of --help are made.
 */
#ifndef POISONCTL_OPTS_H
#define POISONCTL_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mech.h"
#include "table.h"
#include "target.h"

/*
 * What the command line says to any verb.  A verb with options of its own has a
 * struct that begins with one, "r", in its file.
 */
struct request {
	const char *target;
	char **more;		/* targets behind it, with VERB_MANY */
	size_t nmore;
	char **command;		/* of VERB_COMMAND: what it runs, ended by NULL */
	const char *batch;	/* a file of more of them, "-" is stdin */
	bool of_line;		/* this is one of them */
	uint64_t rate;		/* of many, so many a second; 0: as fast as it goes */
	int until;		/* of many: they end with this event, enum event_kind */
	bool until_set;
	struct place place;
	struct table_style table;
	uint64_t deadline;	/* seconds */
	bool deadline_set;
	bool dry_run;
	bool yes_real_media;
	bool json;
	bool help;
};

#define TEXTS_MAX	64

struct texts {
	size_t n;
	const char *v[TEXTS_MAX];
};

enum opt_type {
	OPT_FLAG,		/* bool */
	OPT_SIZE,		/* uint64_t, parse_size() */
	OPT_CHOICE,		/* int, index into choices */
	OPT_RATE,		/* uint64_t, with or without "/s" */
	OPT_TEXT,		/* const char *, as it is */
	OPT_TEXTS,		/* struct texts: may be given several times */
	OPT_MECHANISMS,		/* a row for each flag of a mechanism's own */
};

struct opt {
	const char *name;
	char letter;		/* 0 if there is none */
	enum opt_type type;
	size_t field;		/* offset in the verb's request */
	size_t seen;		/* offset of a bool that says "given", or 0 */
	const char *arg;
	const char *help;
	const char * const *choices;	/* ended by NULL */
};

struct verb {
	const char *name;
	const char *synopsis;	/* what follows "poisonctl " */
	const char *purpose;	/* completes "poisonctl NAME - " */
	const struct opt *opts;
	size_t n;
	unsigned int flags;	/* VERB_* */
	const struct table *tables;	/* what it prints, with OPTS_TABLE */
	size_t ntables;
	size_t size;		/* REQUEST_SIZE() of its request; 0: struct request */
	const struct request *initial;	/* it before anything is given; NULL: zeroes */
	/*
	 * What is wrong with the command line, before anything is looked at:
	 * EXIT_OK, or EXIT_USAGE after a complaint.  May be NULL.
	 */
	int (*check)(const struct request *req);
	int (*run)(struct request *req);
};

#define OPTS_MAX	40	/* of a verb */

#define VERB_ADMIN	1	/* cannot work without CAP_SYS_ADMIN */
#define VERB_PLANTS	2	/* may leave poison behind when it ends early */
#define VERB_TARGET	4	/* is nothing without a target */
#define VERB_COMMAND	8	/* runs a command, where its own options end */
#define VERB_BUS	16	/* a target may be a bus */
#define VERB_MANY	32	/* one target or more */

#define TABLE(c)	{ c, ARRAY_SIZE(c) }

#define FIELD(f)	offsetof(struct request, f)

/* A verb's own request, from what the verb is called with: its first member. */
#define REQUEST_SIZE(T) \
	(sizeof(T) + 0 * sizeof(struct { \
		_Static_assert(!offsetof(T, r), "r comes first"); char c; }))

#define OPTS_PLACE \
	{ "block", 'B', OPT_SIZE, FIELD(place.block), FIELD(place.block_set), \
	  "N", "first 512-byte block of the data area", NULL }, \
	{ "count", 'n', OPT_SIZE, FIELD(place.count), FIELD(place.count_set), \
	  "N", "number of 512-byte blocks (1)", NULL }, \
	{ "offset", 'o', OPT_SIZE, FIELD(place.offset), \
	  FIELD(place.offset_set), "BYTES", "first byte, from the start", \
	  NULL }, \
	{ "length", 'l', OPT_SIZE, FIELD(place.length), \
	  FIELD(place.length_set), "BYTES", "number of bytes (512)", NULL }

#define OPTS_TABLE \
	{ "columns", 0, OPT_TEXT, FIELD(table.columns), 0, "LIST", \
	  "only these columns of the table, with commas", NULL }, \
	{ "noheadings", 0, OPT_FLAG, FIELD(table.no_headings), 0, NULL, \
	  "no line of titles", NULL }, \
	{ "raw", 0, OPT_FLAG, FIELD(table.raw), 0, NULL, \
	  "one blank between cells, for programs", NULL }

#define OPTS_COMMON \
	{ "json", 'j', OPT_FLAG, FIELD(json), 0, NULL, \
	  "print one JSON document", NULL }, \
	{ "help", 'h', OPT_FLAG, FIELD(help), 0, NULL, \
	  "print this text", NULL }

#define OPT_DEADLINE \
	{ "deadline", 'T', OPT_SIZE, FIELD(deadline), 0, "SECONDS", \
	  "give up on any wait after this time (60)", NULL }

/* T: the verb's own request, which has the member. */
#define OPT_MECHANISM(T) \
	{ "mechanism", 'm', OPT_CHOICE, offsetof(T, mechanism), 0, "NAME", \
	  "how the poison is planted (dsm)", mechanism_names }

#define OPTS_MECHANISMS(T) \
	{ NULL, 0, OPT_MECHANISMS, offsetof(T, mech_flag), 0, NULL, NULL, NULL }

#define OPT_DRY_RUN \
	{ "dry-run", 0, OPT_FLAG, FIELD(dry_run), 0, NULL, \
	  "say what would be done, change nothing", NULL }

#define OPT_REAL_MEDIA \
	{ "yes-real-media", 0, OPT_FLAG, FIELD(yes_real_media), 0, NULL, \
	  "the media is not emulated, and that is meant", NULL }

#define OPT_BATCH \
	{ "batch", 0, OPT_TEXT, FIELD(batch), 0, "FILE", \
	  "a target and its options a line; - is stdin", NULL }, \
	{ "rate", 0, OPT_RATE, FIELD(rate), 0, "N/s", \
	  "of many, so many a second", NULL }

#define OPT_SHARED(T) \
	{ "shared", 0, OPT_FLAG, offsetof(T, shared), 0, NULL, \
	  "the blocks of other files too, and that is meant", NULL }

/* The options of a verb: those of its file, and what mechanisms bring along. */
struct opt_rows {
	size_t n;
	struct opt v[OPTS_MAX];
};

/**
 * opts_rows() - the options that a verb has
 */
void opts_rows(const struct verb *verb, struct opt_rows *r);

/**
 * opts_by_letter() - one of them
 *
 * Return: it; NULL if none has that letter.
 */
const struct opt *opts_by_letter(const struct opt_rows *r, int letter);

/**
 * opts_json() - does a command line ask for JSON?
 *
 * Looks at all of it, as getopt_long(3) would, also behind a mistake, so that the
 * answer to the mistake is JSON too.
 */
bool opts_json(const struct verb *verb, int argc, char **argv);

/**
 * opts_target() - the target that a command line with a mistake names
 *
 * A word behind an unknown option may be the value of that option: it is the target if no
 * other can be.
 *
 * Return: one of @argv, which stays as it is; NULL if there is none.
 */
const char *opts_target(const struct verb *verb, int argc, char * const *argv);

/**
 * opts_request() - a request of a verb
 * @from: another one of this verb, which it is a copy of; NULL: nothing is given yet
 *
 * Return: the request, which the caller frees.
 */
struct request *opts_request(const struct verb *verb, const struct request *from);

/**
 * opts_parse() - read a verb's command line
 * @verb: its table
 * @argc, @argv: from the verb's name on
 * @req: from opts_request(); on top of what it says comes what is given
 *
 * Return: EXIT_OK, or EXIT_USAGE after a complaint, the verb's own check() included.
 */
int opts_parse(const struct verb *verb, int argc, char **argv,
	       struct request *req);

/**
 * opts_mech_flags() - the flags of mechanisms that were given
 * @given: one for each mech_flag_at(), as OPTS_MECHANISMS() sets them
 * @names: receives them; room for MECHS_MAX, and NULL behind the last one
 */
void opts_mech_flags(const bool *given, const char **names);

/**
 * opts_help() - print a verb's synopsis, purpose and options on stdout
 */
void opts_help(const struct verb *verb);

#endif
