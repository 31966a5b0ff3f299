/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fault-around.
 */
#ifndef FS_DAX_AROUND_H
#define FS_DAX_AROUND_H

#include "map.h"

void dax_around_window(struct dax_fault *f, pgoff_t pages_in_file);
void dax_around_map(struct dax_fault *f, dax_pfn_t pfn);
void dax_around_map_zeroes(struct dax_fault *f);

#endif /* FS_DAX_AROUND_H */
