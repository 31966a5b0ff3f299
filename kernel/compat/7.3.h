/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the DAX core takes of Linux 7.3 in another way than of 6.1.  In a kernel
 * tree this file is fs/dax/compat.h.  The functions here are those of every file
 * in this folder.
 */
#ifndef FS_DAX_COMPAT_H
#define FS_DAX_COMPAT_H

#include "since-6.12.h"
#include "ref-folio.h"

#endif /* FS_DAX_COMPAT_H */
