/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Many command lines of one verb, from a file or from stdin: a result a line, as it
 * happens.
 */
#ifndef POISONCTL_BATCH_H
#define POISONCTL_BATCH_H

#include <json-c/json.h>

#include "opts.h"

/**
 * batch_split() - cut a line into words, in place
 * @line: ended by NUL; a line feed at its end is a blank
 * @words: receives them, as far as they are right
 * @max: most words
 *
 * Blanks part words, a backslash takes what follows it as it is, and a word that
 * begins with '#' begins a comment.
 *
 * Return: number of words; -E2BIG if there are more; -EINVAL after a backslash that
 * nothing follows.
 */
int batch_split(char *line, char **words, int max);

/*
 * One line: @req has what the command line said, and what the line adds to it.  @doc
 * receives the result, if there is one.  Return: exit code, after a complaint.
 */
typedef int (*batch_fn)(struct request *req, json_object **doc);

/* The next of many: what it differs in from the command line.  Return: there is one. */
typedef bool (*batch_next_fn)(void *arg, struct request *req);

/**
 * batch_each() - call a function for each of many targets
 * @base: of the command line
 * @next: says which one is next
 * @alike: if the first one is unsupported or refused, so are all
 *
 * Results and errors are told as those of batch_run(), without a line number.
 *
 * Return: as batch_run().
 */
int batch_each(const struct verb *verb, const struct request *base, batch_fn fn,
	       batch_next_fn next, void *arg, bool alike);

/**
 * batch_run() - call a function for each line
 * @verb: whose options a line may have
 * @base: of the command line; base->batch is the file, "-" is stdin
 *
 * A line that fails is told with its number, and the next one is read.
 *
 * Return: EXIT_OK; EXIT_PARTLY after a complaint if some lines failed; if all did the
 * exit code of the first one; EXIT_SETUP if the file cannot be read or the results not
 * be written; EXIT_TIMEOUT after a signal.
 */
int batch_run(const struct verb *verb, const struct request *base, batch_fn fn);

#endif
