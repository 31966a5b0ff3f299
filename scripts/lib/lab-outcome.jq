# SPDX-License-Identifier: GPL-2.0
#
# What a line of results.jsonl says of the kernel, for those that compare two of them.

# A case that was planned and has no result was not passed.
def kind:
	if . == null then "wrong"
	elif .verdict | IN("pass", "fixed") then "right"
	elif .verdict | IN("unsupported", "no row") then "skipped"
	else "wrong" end;

# Of several texts that are as good as each other ("A || B") any may come.
def any_text: kind == "right" and ((.expected // "") | split(" | ")[0] // "" | contains(" || "));

# What of a result is compared: where nothing came out, why not, unless that is never twice
# the same (the place where a guest hung, the outcomes of a flaky case).
def fact:
	if . == null or .verdict == "flaky" then null
	elif .actual == null then (if .verdict | IN("lost guest", "set-up failed") then .reason else null end)
	elif any_text then .actual | split(" | ")[1:] | join(" | ")
	else .actual end;
