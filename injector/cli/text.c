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

char *text_clean(const char *s, bool controls)
{
	char *text = xrealloc(NULL, 4 * strlen(s) + 1), *to = text;

	while (*s) {
		size_t n = char_len(s);

		if (n && !(controls && is_control(s))) {
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

unsigned int text_width(const char *s)
{
	unsigned int n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

size_t text_break(const char *s, unsigned int width)
{
	size_t at = 0, space = 0;
	unsigned int used = 0;

	while (s[at]) {
		if (s[at] == ' ')
			space = at;
		if ((s[at] & 0xc0) != 0x80 && used++ == width)
			return space ? space : at;
		at++;
	}
	return at;
}
