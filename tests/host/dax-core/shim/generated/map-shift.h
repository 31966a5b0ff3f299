/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XA_CHUNK_SHIFT
#define XA_CHUNK_SHIFT 6
#endif
