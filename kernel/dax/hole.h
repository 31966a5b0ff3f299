/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading a hole.
 */
#ifndef FS_DAX_HOLE_H
#define FS_DAX_HOLE_H

#include "map.h"

vm_fault_t dax_fault_hole(struct dax_fault *f);

/* hole_pmd.c; not there without CONFIG_FS_DAX_PMD: test that before a call */
vm_fault_t dax_pmd_hole(struct dax_fault *f);

#endif /* FS_DAX_HOLE_H */
