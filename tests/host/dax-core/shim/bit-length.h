/* SPDX-License-Identifier: GPL-2.0 */
#define CONFIG_64BIT 1
