// SPDX-License-Identifier: GPL-2.0
/* Options as data: getopt_long(3) tables and help text from one table. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opts.h"
#include "util.h"

#define HELP_INDENT	30
#define HELP_WIDTH	80
#define LONG_BASE	256	/* codes of options: above every letter */
#define DEADLINE_S	60
#define DEADLINE_MAX_S	86400

struct request *opts_request(const struct verb *verb, const struct request *from)
{
	size_t size = verb->size ? verb->size : sizeof(struct request);
	struct request *req = xrealloc(NULL, size);

	if (from || verb->initial)
		memcpy(req, from ? from : verb->initial, size);
	else
		memset(req, 0, size);
	if (!from)
		req->deadline = DEADLINE_S;
	return req;
}

static int unknown_choice(const struct opt *o, const char *text)
{
	char list[256] = "";
	size_t i;

	for (i = 0; o->choices[i]; i++) {
		size_t n = strlen(list);

		snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "",
			 o->choices[i]);
	}
	return complain(EXIT_USAGE, "unknown --%s '%s', must be one of %s",
			o->name, text, list);
}

static int set_choice(const struct opt *o, const char *text, int *field)
{
	int i;

	for (i = 0; o->choices[i]; i++)
		if (!strcmp(o->choices[i], text)) {
			*field = i;
			return EXIT_OK;
		}
	return unknown_choice(o, text);
}

static int set_rate(const struct opt *o, const char *text, uint64_t *field)
{
	size_t len = strlen(text);
	char number[32];

	if (len > 2 && !strcmp(text + len - 2, "/s"))
		len -= 2;
	snprintf(number, sizeof(number), "%.*s", (int)len, text);
	if (len >= sizeof(number) || parse_size(number, field) || !*field)
		return complain(EXIT_USAGE, "--%s '%s' is no number a second, such as 10/s",
				o->name, text);
	return EXIT_OK;
}

static int add_text(const struct opt *o, const char *text, struct texts *list)
{
	if (list->n == TEXTS_MAX)
		return complain(EXIT_USAGE, "too many --%s: expected %d at most",
				o->name, TEXTS_MAX);
	list->v[list->n++] = text;
	return EXIT_OK;
}

static int set_option(const struct opt *o, const char *text,
		      struct request *req)
{
	void *field = (char *)req + o->field;
	int rc;

	if (o->seen)
		*(bool *)((char *)req + o->seen) = true;
	switch (o->type) {
	case OPT_FLAG:
		*(bool *)field = true;
		return EXIT_OK;
	case OPT_CHOICE:
		return set_choice(o, text, field);
	case OPT_TEXT:
		*(const char **)field = text;
		return EXIT_OK;
	case OPT_RATE:
		return set_rate(o, text, field);
	case OPT_TEXTS:
		return add_text(o, text, field);
	case OPT_SIZE:
	case OPT_MECHANISMS:
		break;
	}
	rc = parse_size(text, field);
	if (rc == -ERANGE)
		return complain(EXIT_USAGE, "--%s '%s' is too large", o->name,
				text);
	if (rc)
		return complain(EXIT_USAGE, "--%s '%s' is not a number",
				o->name, text);
	return EXIT_OK;
}

void opts_rows(const struct verb *verb, struct opt_rows *r)
{
	const struct mech_flag *f;
	size_t i, k;

	r->n = 0;
	for (i = 0; i < verb->n && r->n < OPTS_MAX; i++) {
		if (verb->opts[i].type != OPT_MECHANISMS) {
			r->v[r->n++] = verb->opts[i];
			continue;
		}
		for (k = 0; (f = mech_flag_at(k)) && k < MECHS_MAX &&
			    r->n < OPTS_MAX; k++)
			r->v[r->n++] = (struct opt){
				.name = f->name, .type = OPT_FLAG,
				.field = verb->opts[i].field + k, .help = f->help,
			};
	}
}

void opts_mech_flags(const bool *given, const char **names)
{
	const struct mech_flag *f;
	size_t k;

	for (k = 0; (f = mech_flag_at(k)) && k < MECHS_MAX; k++)
		if (given[k])
			*names++ = f->name;
	*names = NULL;
}

#define LETTERS_MAX	(2 * OPTS_MAX + 4)

/* The options of a command are its own: "+" ends ours where it begins. */
static void getopt_tables(const struct verb *verb, const struct opt_rows *r,
			  struct option *longs, char *letters)
{
	size_t i;

	if (verb->flags & VERB_COMMAND)
		*letters++ = '+';
	*letters++ = ':';
	for (i = 0; i < r->n; i++) {
		const struct opt *o = &r->v[i];

		longs[i] = (struct option){
			.name = o->name,
			.has_arg = o->type == OPT_FLAG ? no_argument :
						       required_argument,
			.val = LONG_BASE + (int)i,
		};
		if (!o->letter)
			continue;
		*letters++ = o->letter;
		if (o->type != OPT_FLAG)
			*letters++ = ':';
	}
	longs[r->n] = (struct option){ 0 };
	*letters = '\0';
}

const struct opt *opts_by_letter(const struct opt_rows *r, int letter)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->v[i].letter == letter)
			return &r->v[i];
	return NULL;
}

static const struct opt *option_of(const struct opt_rows *r, int code)
{
	return code >= LONG_BASE ? &r->v[code - LONG_BASE] : opts_by_letter(r, code);
}

/* What belongs together or excludes each other, for every verb alike. */
static int cross_check(const struct request *req)
{
	const struct place *p = &req->place;

	if ((p->block_set || p->count_set) && (p->offset_set || p->length_set))
		return complain(EXIT_USAGE,
			"--block and --count exclude --offset and --length");
	if (p->count_set && !p->block_set)
		return complain(EXIT_USAGE, "--count needs --block");
	if (p->count_set && !p->count)
		return complain(EXIT_USAGE, "--count is '0', must be 1 or more");
	if (p->length_set && !p->length)
		return complain(EXIT_USAGE, "--length is '0', must be 1 or more");
	if (req->batch && (req->target || p->block_set || p->offset_set))
		return complain(EXIT_USAGE,
			"--batch takes targets and places from its lines");
	if (req->deadline < 1 || req->deadline > DEADLINE_MAX_S)
		return complain(EXIT_USAGE,
			"--deadline is '%" PRIu64 "', must be 1 to %d seconds",
			req->deadline, DEADLINE_MAX_S);
	return EXIT_OK;
}

/* What a prefix may stand for, as "--a, --b"; only said if there are several. */
static size_t candidates(const struct opt_rows *r, const char *word, char *list,
			 size_t size)
{
	size_t len = strcspn(word, "="), i, n = 0;

	*list = '\0';
	for (i = 0; i < r->n; i++) {
		size_t at = strlen(list);

		if (strncmp(r->v[i].name, word, len))
			continue;
		snprintf(list + at, size - at, "%s--%s", n++ ? ", " : "",
			 r->v[i].name);
	}
	return n;
}

static int bad_option(const struct verb *verb, const struct opt_rows *r, int c,
		      char **argv)
{
	const char *word = argv[optind - 1];
	char letter[] = { '-', (char)optopt, '\0' };
	char list[256];

	if (c == ':')
		return complain(EXIT_USAGE, "'%s' needs a value", word);
	if (optopt >= LONG_BASE)
		return complain(EXIT_USAGE, "'--%s' takes no value: '%s'",
				r->v[optopt - LONG_BASE].name, word);
	if (optopt)
		word = letter;
	else if (candidates(r, word + 2, list, sizeof(list)) > 1)
		return complain(EXIT_USAGE, "'%s' may be any of %s", word, list);
	return complain(EXIT_USAGE,
			"unknown option '%s': see 'poisonctl %s --help'", word,
			verb->name);
}

static int operands(const struct verb *verb, int argc, char **argv,
		    struct request *req)
{
	if (verb->flags & VERB_COMMAND) {
		req->command = optind < argc ? argv + optind : NULL;
		return EXIT_OK;
	}
	if (optind < argc)
		req->target = argv[optind++];
	req->more = argv + optind;
	req->nmore = (size_t)(argc - optind);
	if (optind < argc && !(verb->flags & VERB_MANY))
		return complain(EXIT_USAGE, "one target at a time, not '%s'",
				argv[optind]);
	return EXIT_OK;
}

/* optind is 0, not 1: getopt(3), NOTES: another vector, from its start */
static void start_over(void)
{
	optind = 0;
	opterr = 0;
}

bool opts_json(const struct verb *verb, int argc, char **argv)
{
	struct option longs[OPTS_MAX + 1];
	char letters[LETTERS_MAX];
	struct opt_rows r;
	char **copy = xrealloc(NULL, ((size_t)argc + 1) * sizeof(*copy));
	bool json = false;
	int c;

	/* getopt_long() moves what is no option to the end */
	memcpy(copy, argv, ((size_t)argc + 1) * sizeof(*copy));
	opts_rows(verb, &r);
	getopt_tables(verb, &r, longs, letters);
	start_over();
	while ((c = getopt_long(argc, copy, letters, longs, NULL)) != -1) {
		const struct opt *o = option_of(&r, c == '?' ? optopt : c);

		json = json || (o && o->field == FIELD(json));
	}
	free(copy);
	return json;
}

const char *opts_target(const struct verb *verb, int argc, char * const *argv)
{
	struct option longs[OPTS_MAX + 1];
	/* each word in its turn: what is no option comes as the value of code 1 */
	char letters[LETTERS_MAX] = "-";
	const char *second = NULL;
	struct opt_rows r;
	int c, before = 0;

	opts_rows(verb, &r);
	getopt_tables(verb, &r, longs, letters + 1);
	start_over();
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == 1 && before != '?')
			return optarg;
		if (c == 1)
			second = optarg;
		before = c;
	}
	return optind < argc ? argv[optind] : second;
}

static int check_table(const struct verb *verb, const struct request *req)
{
	const struct table_style *t = &req->table;
	char name[32], names[256];

	if (!table_is_styled(t))
		return EXIT_OK;
	if (req->json || req->batch || req->nmore)
		return complain(EXIT_USAGE,
			"--columns, --noheadings and --raw are for a table: not with --json, --batch or several targets");
	if (!t->columns || !table_unknown(t->columns, verb->tables, verb->ntables, name,
					  sizeof(name)))
		return EXIT_OK;
	table_names(verb->tables, verb->ntables, names, sizeof(names));
	return complain(EXIT_USAGE, "no column '%s': expected some of %s", name, names);
}

static int all_checks(const struct verb *verb, const struct request *req)
{
	int rc = cross_check(req);

	if (!rc)
		rc = check_table(verb, req);
	if (!rc && verb->flags & VERB_TARGET && !req->target && !req->batch)
		return complain(EXIT_USAGE, "no target given");
	if (!rc && verb->flags & VERB_COMMAND && !req->command)
		return complain(EXIT_USAGE, "no command given");
	return rc || !verb->check ? rc : verb->check(req);
}

int opts_parse(const struct verb *verb, int argc, char **argv,
	       struct request *req)
{
	struct option longs[OPTS_MAX + 1];
	char letters[LETTERS_MAX];
	struct opt_rows r;
	int c, rc = EXIT_OK;

	opts_rows(verb, &r);
	getopt_tables(verb, &r, longs, letters);
	start_over();
	while (!rc &&
	       (c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == '?' || c == ':')
			rc = bad_option(verb, &r, c, argv);
		else
			rc = set_option(option_of(&r, c), optarg, req);
	}
	if (!rc)
		rc = operands(verb, argc, argv, req);
	return rc || req->help ? rc : all_checks(verb, req);
}

static void help_choices(const char * const *choices)
{
	size_t i, column = HELP_INDENT;

	printf("%*s", HELP_INDENT, "");
	for (i = 0; choices[i]; i++) {
		size_t need = strlen(choices[i]) + 2;

		if (column + need > HELP_WIDTH) {
			printf("\n%*s", HELP_INDENT, "");
			column = HELP_INDENT;
		}
		printf("%s%s%s", column > HELP_INDENT ? " " : "", choices[i],
		       choices[i + 1] ? "," : "");
		column += need;
	}
	putchar('\n');
}

void opts_help(const struct verb *verb)
{
	char left[64];
	struct opt_rows r;
	size_t i;

	printf("Usage:\n poisonctl %s\n\n%s.\n\nOptions:\n", verb->synopsis,
	       verb->purpose);
	opts_rows(verb, &r);
	for (i = 0; i < r.n; i++) {
		const struct opt *o = &r.v[i];
		int n = 0;

		if (o->letter)
			n = snprintf(left, sizeof(left), "-%c, ", o->letter);
		else
			n = snprintf(left, sizeof(left), "    ");
		snprintf(left + n, sizeof(left) - (size_t)n, "--%s%s%s", o->name,
			 o->arg ? " " : "", o->arg ? o->arg : "");
		printf(" %-28s %s\n", left, o->help);
		if (o->choices)
			help_choices(o->choices);
	}
}
