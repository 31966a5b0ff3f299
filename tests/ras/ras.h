/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest test of poisoned system RAM: what its files share.
 *
 * A case runs in a child of its own.  It says, word by word, what its accesses
 * came to; the sentence must be the one that the kernel's source prescribes.
 */
#ifndef TESTS_RAS_H
#define TESTS_RAS_H

#include <stdbool.h>
#include <stddef.h>

#define PAGE	4096UL
#define PMD	(2UL << 20)
#define BAD	1024UL		/* where in its page the poisoned line begins */
#define BYTE	0x5a		/* what all memory is full of */
#define SECONDS	60		/* for what is asynchronous, and for a case */

/**
 * struct ras_case - one row of the table
 * @id: what the command line calls it
 * @name: what is poisoned, and how it is consumed
 * @run: the case; returns, or dies of a signal
 * @outcome: the sentence
 */
struct ras_case {
	const char *id;
	const char *name;
	void (*run)(void);
	const char *outcome;
};

/* All end with a NULL name. */
extern const struct ras_case ras_memory[];
extern const struct ras_case ras_fatal[];	/* a panic is what must be */
extern const struct ras_case ras_policies[];

/* Where ras_file() makes files. */
extern const char *ras_folder;

/* ras.c */

/**
 * say - add a word to the outcome of this case
 *
 * Words are separated by a semicolon.
 */
void say(const char *word, ...) __attribute__((format(printf, 1, 2)));

/**
 * broken - the set-up is broken: end the case, and the test with it
 */
void broken(const char *what) __attribute__((noreturn));

/**
 * ras_inject - an uncorrected memory error by debugfs apei/einj
 * @p: in a page that is mapped here and present; its line gets the error
 * @trigger: let the platform find it, by a scrub; else it stays latent
 *
 * Return: the frame that it is in.
 */
unsigned long ras_inject(const volatile void *p, bool trigger);

/**
 * ras_pfn - the page frame behind an address
 *
 * Return: its number, or 0 if the page is not present.
 */
unsigned long ras_pfn(const volatile void *p);

/**
 * say_load - load a byte, and say what it came to
 * @what: what is loaded, for the sentence
 * @p: where
 * @page: the page that a signal must name
 */
void say_load(const char *what, const volatile void *p,
	      const volatile void *page);

/**
 * say_recovery - say how memory_failure() ended, once it has
 * @pfn: the frame; the tracepoint ras:memory_failure_event must be on
 */
void say_recovery(unsigned long pfn);

/**
 * say_call - say what a system call came to
 * @what: the call, for the sentence
 * @ret: what it returned; errno is of this call, if it is -1
 */
void say_call(const char *what, long ret);

/**
 * guarded - call a function; say so if a signal ended it
 * @what: for the sentence
 * @fn: what is called
 * @arg: its argument
 * @page: the page that a signal must name
 *
 * Return: false if a signal came.
 */
bool guarded(const char *what, void (*fn)(void *arg), void *arg,
	     const volatile void *page);

/**
 * say_signal_of - say which signal has come by itself within the deadline
 * @page: the page that it must name
 */
void say_signal_of(const volatile void *page);

/**
 * any_signal - has a SIGBUS come outside of guarded()?
 */
bool any_signal(void);

/**
 * until - poll until something holds
 *
 * Return: false if it did not within the deadline.
 */
bool until(bool (*holds)(void *arg), void *arg);

/**
 * ras_file - a file on disk of one page of BYTE, in the page cache and clean
 *
 * Return: its descriptor.
 */
int ras_file(void);

/**
 * ras_map - mmap(), filled with BYTE, or the set-up is broken
 */
char *ras_map(size_t len, int prot, int flags, int fd);

#endif
