/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the bytes of a partition, or of a device of the device mapper, are in the
 * device below.
 */
#ifndef POISONCTL_DEVICE_RUNS_H
#define POISONCTL_DEVICE_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEVICE_RUNS_MAX	32

/* All in bytes. */
struct device_run {
	uint64_t start;		/* in the device */
	uint64_t len;
	uint64_t at;		/* in the device below */
};

/* None: the device is one run. */
struct device_runs {
	size_t n;
	struct device_run v[DEVICE_RUNS_MAX];	/* sorted by start */
};

/**
 * device_down() - from a byte of the device to the one below
 * @r: runs
 * @first: without runs the byte of the device below that the device begins with
 * @off: bytes in the device
 * @len: bytes from there; cut at the end of the run
 * @at: receives the byte in the device below
 *
 * Return: false if no run has it.
 */
bool device_down(const struct device_runs *r, uint64_t first, uint64_t off,
		 uint64_t *len, uint64_t *at);

/**
 * device_up() - the way back
 * @at: bytes in the device below
 * @len: as device_down()
 * @off: receives the byte in the device
 *
 * Return: false if it is not the device's.
 */
bool device_up(const struct device_runs *r, uint64_t first, uint64_t at,
	       uint64_t *len, uint64_t *off);

/**
 * device_runs_add() - add a run behind the last one
 *
 * One that goes on where the last one ended makes that longer.
 *
 * Return: 0, -E2BIG if there are too many.
 */
int device_runs_add(struct device_runs *r, const struct device_run *run);

#endif
