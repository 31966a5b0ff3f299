// SPDX-License-Identifier: GPL-2.0
/* Text that came from somewhere else. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "util.h"

/*
 * Bytes of the character at @s, 0 if it is none: The Unicode Standard, table 3-7,
 * which has the limits of the second byte.
 */
static size_t char_len(const char *s)
{
	static const struct {
		uint8_t from, to, low, high;
		size_t len;
	} rows[] = {
		{ 0x01, 0x7f, 0, 0, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const uint8_t *p = (const uint8_t *)s;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (p[0] >= rows[i].from && p[0] <= rows[i].to)
			break;
	if (i == ARRAY_SIZE(rows))
		return 0;
	if (rows[i].len > 1 && (p[1] < rows[i].low || p[1] > rows[i].high))
		return 0;
	for (k = 2; k < rows[i].len; k++)
		if ((p[k] & 0xc0) != 0x80)
			return 0;
	return rows[i].len;
}

bool text_is_utf8(const char *s)
{
	size_t n;

	for (; *s; s += n) {
		n = char_len(s);
		if (!n)
			return false;
	}
	return true;
}

static bool is_control(const char *s)
{
	uint8_t c = (uint8_t)*s;

	/* C0 and DEL; C1 is U+0080 to U+009F */
	return c < 0x20 || c == 0x7f || (c == 0xc2 && (uint8_t)s[1] < 0xa0);
}

static char *spell(const char *s, bool controls, bool raw)
{
	char *text = xrealloc(NULL, 4 * strlen(s) + 1), *to = text;

	while (*s) {
		size_t n = char_len(s);

		if (n && !(controls && is_control(s)) && !(raw && (*s == ' ' || *s == '\\'))) {
			memcpy(to, s, n);
			to += n;
			s += n;
			continue;
		}
		to += sprintf(to, "\\x%02x", (unsigned int)(uint8_t)*s);
		s++;
	}
	*to = '\0';
	return text;
}

char *text_clean(const char *s, bool controls)
{
	return spell(s, controls, false);
}

char *text_raw(const char *s)
{
	return spell(s, true, true);
}

/* The code point of well-formed bytes. */
static uint32_t code_point(const char *s, size_t len)
{
	uint32_t c = (uint8_t)*s & (len > 1 ? 0x7f >> len : 0x7f);
	size_t i;

	for (i = 1; i < len; i++)
		c = c << 6 | ((uint8_t)s[i] & 0x3f);
	return c;
}

/*
 * Columns of a character: blocks of the Unicode Standard that are wide or full width
 * (UAX #11, EastAsianWidth.txt), and those that combine with what stands before them.
 */
static unsigned int char_width(const char *s, size_t len)
{
	static const struct {
		uint32_t from, to;
		unsigned int width;
	} blocks[] = {
		{ 0x0300, 0x036f, 0 }, { 0x1100, 0x115f, 2 }, { 0x1ab0, 0x1aff, 0 },
		{ 0x1dc0, 0x1dff, 0 }, { 0x200b, 0x200f, 0 }, { 0x20d0, 0x20ff, 0 },
		{ 0x2e80, 0x303e, 2 }, { 0x3041, 0x4dbf, 2 }, { 0x4e00, 0xa4cf, 2 },
		{ 0xac00, 0xd7a3, 2 }, { 0xf900, 0xfaff, 2 }, { 0xfe00, 0xfe0f, 0 },
		{ 0xfe20, 0xfe2f, 0 }, { 0xfe30, 0xfe6f, 2 }, { 0xff01, 0xff60, 2 },
		{ 0xffe0, 0xffe6, 2 }, { 0x1f300, 0x1f64f, 2 }, { 0x1f900, 0x1f9ff, 2 },
		{ 0x20000, 0x3fffd, 2 },
	};
	uint32_t c = code_point(s, len);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		if (c >= blocks[i].from && c <= blocks[i].to)
			return blocks[i].width;
	return 1;
}

/* Of text that may end in the middle of one: a byte at least. */
static size_t step(const char *s)
{
	size_t n = char_len(s);

	return n ? n : 1;
}

unsigned int text_width(const char *s)
{
	unsigned int width = 0;
	size_t n;

	for (; *s; s += n) {
		n = step(s);
		width += char_width(s, n);
	}
	return width;
}

size_t text_break(const char *s, unsigned int width)
{
	size_t at = 0, space = 0, n;
	unsigned int used = 0;

	for (; s[at]; at += n) {
		n = step(s + at);
		used += char_width(s + at, n);
		if (s[at] == ' ')
			space = at;
		/* one that is wider than all the room stands out of it */
		if (used > width && at)
			return space ? space : at;
	}
	return at;
}
