// SPDX-License-Identifier: GPL-2.0
/* The journal: what is left of what was planted. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "journal-read.h"
#include "util.h"

/* The same with escapes. */
static const char *read_escaped(const char *s, char *to, size_t size)
{
	size_t n = 0;
	char c;

	while (*s != '"') {
		c = *s++;
		if (c == '\0' || c == '\n')
			return NULL;
		if (c == '\\') {
			static const char from[] = "nrtbf\"\\/";
			static const char is[] = "\n\r\t\b\f\"\\/";
			const char *at = *s ? strchr(from, *s) : NULL;
			char hex[5] = "";

			if (at) {
				c = is[at - from];
				s++;
			} else if (*s == 'u' && isxdigit((unsigned char)s[1]) &&
				   isxdigit((unsigned char)s[2]) &&
				   isxdigit((unsigned char)s[3]) &&
				   isxdigit((unsigned char)s[4])) {
				memcpy(hex, s + 1, 4);
				c = (char)strtoul(hex, NULL, 16);
				s += 5;
			} else {
				return NULL;
			}
		}
		if (n + 1 < size)
			to[n++] = c;
	}
	to[n] = '\0';
	return s + 1;
}

/* A line, up to its line feed; most have no escapes. */
struct reader {
	const char *end;
	bool plain;
};

/* Behind a string, whose text goes to @to; NULL if it is none. */
static const char *read_string(const struct reader *r, const char *s, char *to,
			       size_t size)
{
	const char *end;
	size_t n;

	if (*s++ != '"')
		return NULL;
	if (!r->plain)
		return read_escaped(s, to, size);
	end = memchr(s, '"', (size_t)(r->end - s));
	if (!end)
		return NULL;
	n = (size_t)(end - s);
	if (n > size - 1)
		n = size - 1;
	memcpy(to, s, n);
	to[n] = '\0';
	return end + 1;
}

static const char *read_number(const char *s, uint64_t *v)
{
	const char *safe = s + 19;	/* digits that cannot be too many */
	uint64_t n = 0;

	if (*s < '0' || *s > '9')
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++)
		if (s < safe)
			n = n * 10 + (uint64_t)(*s - '0');
		else if (__builtin_mul_overflow(n, 10, &n) ||
			 __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
			return NULL;
	*v = n;
	return s;
}

#define FIELD(name, member, bit, number) \
	{ "\"" name "\":", sizeof(name) + 2, \
	  offsetof(struct journal_line, member), \
	  sizeof(((struct journal_line *)NULL)->member), bit, number }

/* In the order in which they are written, so that the next one is looked at first. */
static const struct field {
	const char *key;
	size_t len;
	size_t at;		/* in struct journal_line */
	size_t size;		/* of a text */
	unsigned int bit;
	bool number;
} fields[] = {
	FIELD("event", event, HAS_EVENT, false),
	FIELD("time", p.time, 0, true),
	FIELD("boot", boot, HAS_BOOT, false),
	FIELD("kmsg", kmsg, 0, true),
	FIELD("mechanism", p.mechanism, 0, false),
	FIELD("target", p.target, 0, false),
	FIELD("namespace", p.ns, 0, false),
	FIELD("offset", p.off, 0, true),
	FIELD("spa", p.spa, HAS_SPA, true),
	FIELD("length", p.len, HAS_LENGTH, true),
	FIELD("diskseq", p.diskseq, 0, true),
};

static const struct field *find_field(const struct reader *r, const char *s,
				      size_t *next)
{
	size_t left = (size_t)(r->end - s), n, i = *next;

	for (n = 0; n < ARRAY_SIZE(fields); n++, i++) {
		if (i >= ARRAY_SIZE(fields))
			i = 0;
		if (s[1] == fields[i].key[1] && fields[i].len < left &&
		    !memcmp(s, fields[i].key, fields[i].len)) {
			*next = i + 1;
			return &fields[i];
		}
	}
	return NULL;
}

/* A member that is not known is passed over. */
static const char *skip_member(const struct reader *r, const char *s)
{
	char other[sizeof(((struct planted *)NULL)->target)];
	uint64_t number;

	s = read_string(r, s, other, sizeof(other));
	if (!s || *s++ != ':')
		return NULL;
	return *s == '"' ? read_string(r, s, other, sizeof(other)) :
			   read_number(s, &number);
}

static const char *read_member(const struct reader *r, const char *s,
			       struct journal_line *l, size_t *next)
{
	const struct field *f = *s == '"' ? find_field(r, s, next) : NULL;

	if (!f)
		return skip_member(r, s);
	l->has |= f->bit;
	s += f->len;
	return f->number ? read_number(s, (uint64_t *)((char *)l + f->at)) :
			   read_string(r, s, (char *)l + f->at, f->size);
}

const char *journal_parse(const char *s, struct journal_line *l)
{
	struct reader r = { .end = strchr(s, '\n') };
	size_t next = 0;

	if (!r.end)
		return NULL;
	r.plain = !memchr(s, '\\', (size_t)(r.end - s));
	l->has = 0;
	l->kmsg = 0;
	l->boot[0] = '\0';
	l->p.mechanism[0] = l->p.target[0] = l->p.ns[0] = '\0';
	l->p.off = l->p.diskseq = l->p.time = 0;
	if (*s++ != '{')
		return NULL;
	do {
		s = read_member(&r, s, l, &next);
	} while (s && *s++ == ',');
	if (!s || s[-1] != '}' || *s != '\n' ||
	    (l->has & HAS_ALL) != HAS_ALL || !l->p.len ||
	    l->p.len > UINT64_MAX - l->p.spa)
		return NULL;
	return s + 1;
}

static void add_event(struct journal_state *j, const struct journal_line *l,
		      const char *line, bool plant)
{
	struct journal_event *e;

	if (j->n == j->cap) {
		j->cap = j->cap ? 2 * j->cap : 64;
		j->v = xrealloc(j->v, j->cap * sizeof(*j->v));
	}
	e = &j->v[j->n++];
	e->plant = plant;
	e->gone = false;
	e->kmsg = l->kmsg;
	e->spa = l->p.spa;
	e->len = l->p.len;
	e->line = line;
}

/*
 * Nothing came of a planting: the last line of it does not count.  Many are taken
 * back in the order in which they were noted, so the next one is looked at first.
 */
static bool same_plant(const struct journal_event *e,
		       const struct journal_line *l)
{
	struct journal_line own;

	if (!e->plant || e->gone || e->spa != l->p.spa || e->len != l->p.len)
		return false;
	journal_parse(e->line, &own);
	return !strcmp(own.p.mechanism, l->p.mechanism);
}

static void cancel(struct journal_state *j, const struct journal_line *l)
{
	size_t i = j->cancelled + 1;

	if (i >= j->n || !same_plant(&j->v[i], l))
		for (i = j->n; i-- > 0 && !same_plant(&j->v[i], l);)
			;
	if (i < j->n) {
		j->v[i].gone = true;
		j->cancelled = i;
	}
}

/* Return: false if nobody knows such an event. */
static bool take_line(struct journal_state *j, const struct journal_line *l,
		      const char *line)
{
	bool plant = !strcmp(l->event, "plant");
	bool clear = !plant && !strcmp(l->event, "clear");

	if (!plant && !clear && strcmp(l->event, "cancel"))
		return false;
	if (l->has & HAS_BOOT && *j->boot && strcmp(l->boot, j->boot))
		return true;
	if (plant || clear)
		add_event(j, l, line, plant);
	else
		cancel(j, l);
	return true;
}

/* A line that cannot be read may be a planting: it is kept, and told. */
static void take_damaged(struct journal_state *j, const char *s, size_t len)
{
	if (!j->damaged++)
		j->damaged_line = j->lines;
	j->kept = xrealloc(j->kept, j->kept_len + len);
	memcpy(j->kept + j->kept_len, s, len);
	j->kept_len += len;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Most are noted in order. */
static void sort(uint64_t *v, size_t n)
{
	size_t i = 1;

	while (i < n && v[i - 1] <= v[i])
		i++;
	if (i < n)
		qsort(v, n, sizeof(*v), by_value);
}

static size_t next_free(size_t *next, size_t i)
{
	while (next[i] != i)
		i = next[i] = next[next[i]];
	return i;
}

static size_t index_of(const struct journal_state *j, uint64_t at)
{
	size_t lo = 0, hi = j->ncuts;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (j->cuts[mid] <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;	/* first that is behind @at */
}

/*
 * Each address belongs to the last clearing of it.  From the last to the first,
 * a clearing takes what is free; what is taken is skipped in one step.
 */
static void paint(struct journal_state *j)
{
	size_t *next, i, k, n = 0;

	j->cuts = xrealloc(NULL, (2 * j->n + 1) * sizeof(*j->cuts));
	for (i = 0; i < j->n; i++)
		if (!j->v[i].plant) {
			j->cuts[n++] = j->v[i].spa;
			j->cuts[n++] = j->v[i].spa + j->v[i].len;
		}
	sort(j->cuts, n);
	for (i = 0; i < n; i++)
		if (!i || j->cuts[i] != j->cuts[i - 1])
			j->cuts[j->ncuts++] = j->cuts[i];
	j->owner = xrealloc(NULL, (j->ncuts + 1) * sizeof(*j->owner));
	next = xrealloc(NULL, (j->ncuts + 1) * sizeof(*next));
	for (i = 0; i <= j->ncuts; i++) {
		j->owner[i] = SIZE_MAX;
		next[i] = i;
	}
	for (i = j->n; i-- > 0;) {
		const struct journal_event *e = &j->v[i];

		if (e->plant)
			continue;
		k = next_free(next, index_of(j, e->spa) - 1);
		while (k < j->ncuts && j->cuts[k] < e->spa + e->len) {
			j->owner[k] = i;
			next[k] = k + 1;
			k = next_free(next, k);
		}
	}
	free(next);
}

void journal_settle(char *text, size_t len, const char *boot, struct journal_state *j)
{
	struct journal_line *l = xrealloc(NULL, sizeof(*l));
	const char *s, *next, *end = text ? text + len : NULL;

	*j = (struct journal_state){
		.text = text, .cancelled = SIZE_MAX - 1,
	};
	copy_name(j->boot, sizeof(j->boot), boot);
	for (s = text; s < end; s = next) {
		j->lines++;
		next = *s == '\n' ? s + 1 : journal_parse(s, l);
		if (*s == '\n' || (next && take_line(j, l, s)))
			continue;
		next = memchr(s, '\n', (size_t)(end - s));
		next = next ? next + 1 : end;
		take_damaged(j, s, (size_t)(next - s));
	}
	free(l);
	paint(j);
}

struct left {
	struct planted *v;
	size_t n, cap;
	struct journal_line l;
};

/* A part of a planting, whose line says the rest. */
static void add_left(struct left *left, const struct journal_event *e,
		     uint64_t start, uint64_t end)
{
	struct planted *to;

	if (start >= end || !journal_parse(e->line, &left->l))
		return;
	if (left->n == left->cap) {
		left->cap = left->cap ? 2 * left->cap : 64;
		left->v = xrealloc(left->v, left->cap * sizeof(*left->v));
	}
	to = &left->v[left->n++];
	*to = left->l.p;
	to->off += start - e->spa;
	to->spa = start;
	to->len = end - start;
}

/* What no later clearing took of planting @i. */
static void rest_of(const struct journal_state *j, size_t i, struct left *left)
{
	const struct journal_event *e = &j->v[i];
	uint64_t pos = e->spa, end = e->spa + e->len, from = pos, to;
	size_t k;

	for (k = index_of(j, pos); pos < end; pos = to, k++) {
		bool clear = k && j->owner[k - 1] != SIZE_MAX &&
			     j->owner[k - 1] > i;

		to = k < j->ncuts && j->cuts[k] < end ? j->cuts[k] : end;
		if (!clear)
			continue;
		add_left(left, e, from, pos);
		from = to;
	}
	add_left(left, e, from, end);
}

void journal_rest(const struct journal_state *j, struct planted **v, size_t *n)
{
	struct left left = { 0 };
	size_t i;

	for (i = 0; i < j->n; i++)
		if (j->v[i].plant && !j->v[i].gone)
			rest_of(j, i, &left);
	*v = left.v;
	*n = left.n;
}

void journal_good(const struct journal_state *j, struct cleared **v, size_t *n)
{
	size_t i;

	*v = xrealloc(NULL, (j->ncuts + 1) * sizeof(**v));
	*n = 0;
	for (i = 0; i + 1 < j->ncuts; i++) {
		uint64_t kmsg;

		if (j->owner[i] == SIZE_MAX)
			continue;
		kmsg = j->v[j->owner[i]].kmsg;
		if (*n && (*v)[*n - 1].kmsg == kmsg &&
		    (*v)[*n - 1].spa + (*v)[*n - 1].len == j->cuts[i])
			(*v)[*n - 1].len += j->cuts[i + 1] - j->cuts[i];
		else
			(*v)[(*n)++] = (struct cleared){
				.spa = j->cuts[i],
				.len = j->cuts[i + 1] - j->cuts[i],
				.kmsg = kmsg,
			};
	}
}

void journal_forget(struct journal_state *j)
{
	free(j->text);
	free(j->v);
	free(j->cuts);
	free(j->owner);
	free(j->kept);
	*j = (struct journal_state){ 0 };
}
