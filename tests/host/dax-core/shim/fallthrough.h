/* SPDX-License-Identifier: GPL-2.0 */
/* for headers of the kernel that use it without asking for it */
#define fallthrough __attribute__((__fallthrough__))
