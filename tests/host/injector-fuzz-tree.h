/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzzers of files share: random numbers, texts that are damaged, and a tree. */
#ifndef INJECTOR_FUZZ_TREE_H
#define INJECTOR_FUZZ_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "util.h"

#define PICK(a)	((a)[any(ARRAY_SIZE(a))])

/* Any bytes; @v is allocated. */
struct fuzz_text {
	char *v;
	size_t n;
};

void fuzz_seed(uint64_t v);

/* A number below @n. */
uint32_t any(uint32_t n);

/* A path below the sysroot, good until the fourth call after this one. */
const char *fuzz_path(const char *path);

void fuzz_put(const char *path, const void *v, size_t n);
void fuzz_add(struct fuzz_text *t, const void *v, size_t n);

/* Flip, drop, double, cut off or add something. */
void fuzz_damage(struct fuzz_text *t);

/* The tree as after boot, nothing below /run, and no mood in the environment. */
void fuzz_fresh(void);

/* Some files of it are missing, not readable, cut or nonsense; firmware and kernel are moody. */
void fuzz_trees(void);

void fuzz_remove(void);

#endif
