/* SPDX-License-Identifier: GPL-2.0 */
/* A range of addresses that somebody named, in the terms of its namespace. */
#ifndef POISONCTL_VIEW_H
#define POISONCTL_VIEW_H

#include <json-c/json.h>
#include <stdint.h>

/**
 * view_range() - every view of an SPA range
 * @spa, @len: bytes; anywhere
 *
 * Return: {spa, length, pfn}, and for the data area of a namespace {dev, block,
 * count, dimm, dpa} too: @block counts from the start of the data area, @count
 * is of the 512-byte blocks that are touched.
 */
json_object *view_range(uint64_t spa, uint64_t len);

#endif
