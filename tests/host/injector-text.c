// SPDX-License-Identifier: GPL-2.0
/* Text that came from somewhere else: what is UTF-8, what is spelled out, where lines
 * break.  The sequences are those of The Unicode Standard, table 3-7 and its rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"
#include "util.h"

static void only_well_formed_sequences_are_utf8(void **state)
{
	static const char * const good[] = {
		"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf", "x\xc3\xa9y",
	};
	static const char * const bad[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2z",
		"\xe0\x9f\xbf", "\xe0\xa0", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff", "\xfe", "ab\xf0\x90\x80", "\xe1\x80z",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(text_is_utf8(good[i]));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(text_is_utf8(bad[i]));
}

static void cleaned(const char *from, bool controls, const char *want)
{
	char *got = text_clean(from, controls);

	assert_string_equal(got, want);
	assert_true(text_is_utf8(got));
	free(got);
}

static void what_is_no_character_is_spelled_out(void **state)
{
	(void)state;
	cleaned("plain", true, "plain");
	cleaned("\xc3\xa9", true, "\xc3\xa9");
	cleaned("a\xff\x80z", false, "a\\xff\\x80z");
	cleaned("\xe1\x80z", false, "\\xe1\\x80z");
	cleaned("a\nb\x1b[31m", false, "a\nb\x1b[31m");
	cleaned("a\nb\x1b[31m\x7f", true, "a\\x0ab\\x1b[31m\\x7f");
	cleaned("\xc2\x9b", true, "\\xc2\\x9b");
}

static void any_bytes_become_utf8(void **state)
{
	char text[17];
	unsigned int seed = 1, i, k;

	(void)state;
	for (i = 0; i < 20000; i++) {
		char *got;

		for (k = 0; k < sizeof(text) - 1; k++)
			text[k] = (char)(rand_r(&seed) >> 3);
		text[k] = '\0';
		got = text_clean(text, i & 1);
		assert_true(text_is_utf8(got));
		if (text_is_utf8(text) && !(i & 1))
			assert_string_equal(got, text);
		free(got);
	}
}

static void wide_characters_take_two_columns(void **state)
{
	(void)state;
	assert_int_equal(text_width("a\xc3\xa9"), 2);
	/* U+6BD2, poison; U+AC00; U+FF21; U+1F480 */
	assert_int_equal(text_width("\xe6\xaf\x92\xea\xb0\x80\xef\xbc\xa1\xf0\x9f\x92\x80"), 8);
	/* U+0301 behind an e, U+200B */
	assert_int_equal(text_width("e\xcc\x81\xe2\x80\x8b"), 1);
	assert_int_equal(text_break("\xe6\xaf\x92\xe6\xaf\x92", 3), 3);
	assert_int_equal(text_break("\xe6\xaf\x92\xe6\xaf\x92", 4), 6);
	/* no room for any: one all the same, or nothing would ever be printed */
	assert_int_equal(text_break("\xe6\xaf\x92\xe6\xaf\x92", 1), 3);
	/* what combines stays with what it combines with */
	assert_int_equal(text_break("ae\xcc\x81x", 2), 4);
}

static void raw_text_has_no_blanks_and_comes_back(void **state)
{
	char *text = text_raw("a b\\x20\tc\xff");

	(void)state;
	assert_string_equal(text, "a\\x20b\\x5cx20\\x09c\\xff");
	free(text);
}

static void lines_break_at_spaces(void **state)
{
	(void)state;
	assert_int_equal(text_width("\xc3\xa9t\xc3\xa9"), 3);
	assert_int_equal(text_break("", 5), 0);
	assert_int_equal(text_break("one two", 7), 7);
	assert_int_equal(text_break("one two", 6), 3);
	assert_int_equal(text_break("one two", 3), 3);
	assert_int_equal(text_break("onetwo", 4), 4);
	assert_int_equal(text_break("\xc3\xa9\xc3\xa9\xc3\xa9", 2), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_well_formed_sequences_are_utf8),
		cmocka_unit_test(what_is_no_character_is_spelled_out),
		cmocka_unit_test(any_bytes_become_utf8),
		cmocka_unit_test(wide_characters_take_two_columns),
		cmocka_unit_test(raw_text_has_no_blanks_and_comes_back),
		cmocka_unit_test(lines_break_at_spaces),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
