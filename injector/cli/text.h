/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text that came from somewhere else: names of files are bytes, and JSON and
 * terminals want characters.
 */
#ifndef POISONCTL_TEXT_H
#define POISONCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * text_is_utf8() - is it well-formed UTF-8?
 */
bool text_is_utf8(const char *s);

/**
 * text_clean() - the same with every byte that is no part of a character as \xNN
 * @controls: control characters as well, for a terminal
 *
 * As the kernel's log and lsblk(8) write them.
 *
 * Return: text that the caller frees.
 */
char *text_clean(const char *s, bool controls);

/**
 * text_raw() - as text_clean() with controls, and blanks and backslashes are spelled out too
 *
 * So that cells can be parted by blanks, and got back.
 *
 * Return: text that the caller frees.
 */
char *text_raw(const char *s);

/**
 * text_width() - columns that well-formed text takes
 *
 * Two for a wide character (UAX #11), none for one that combines with another.
 */
unsigned int text_width(const char *s);

/**
 * text_break() - where to break a line
 * @width: columns that there are, 1 or more
 *
 * At a space if there is one, else where the room ends.
 *
 * Return: bytes that go onto this line.
 */
size_t text_break(const char *s, unsigned int width);

#endif
