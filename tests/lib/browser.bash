# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A headless Chromium, told what to do by the W3C WebDriver protocol.  Sourced
# after tap.bash.
#
#   browser_up DIR WIDTH HEIGHT   starts it; its files lie in DIR
#   browser_open URL
#   browser_js SCRIPT             the value of a script's "return", as JSON
#   browser_dark                  prefers-color-scheme: dark, from now on
#   browser_shot FILE             a picture of the window, PNG
#   browser_down

BROWSER_PID=
BROWSER_URL=

# browser_call METHOD PATH [JSON]: the value that the driver answers with; 1 if that
# is an error, which is said on stderr.
browser_call()
{
	local answer

	answer=$(curl -s -S -m 60 -X "$1" -H 'Content-Type: application/json' \
		${3:+-d "$3"} "$BROWSER_URL$2") || return 1
	if jq -e '.value | type == "object" and has("error")' <<<"$answer" >/dev/null; then
		jq -r '.value | "\(.error): \(.message)"' <<<"$answer" | head -n 2 >&2
		return 1
	fi
	jq -c .value <<<"$answer"
}

# The driver chooses a free port and says which.
browser_port()
{
	BROWSER_URL=$(sed -n 's/.*started successfully on port \([0-9]*\).*/http:\/\/127.0.0.1:\1/p' \
		"$1/driver.log")
	[[ -n $BROWSER_URL ]]
}

browser_up()
{
	local dir=$1 session options

	mkdir -p "$dir"
	chromedriver --port=0 >"$dir/driver.log" 2>&1 </dev/null &
	BROWSER_PID=$!
	until_ok 60 browser_port "$dir" || return
	# It shows a file that this test made: it needs no sandbox, which root cannot have.
	options=$(jq -nc --arg dir "$dir" --arg size "$2,$3" '{capabilities: {alwaysMatch: {
		"goog:chromeOptions": {args: ["--headless", "--no-sandbox", "--disable-gpu",
			"--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--disable-quic",
			"--user-data-dir=\($dir)/profile", "--window-size=\($size)"]}}}}')
	session=$(browser_call POST /session "$options" | jq -r .sessionId) || return
	[[ -n $session && $session != null ]] || return
	BROWSER_URL+=/session/$session
}

browser_open()
{
	browser_call POST /url "$(jq -nc --arg url "$1" '{url: $url}')" >/dev/null
}

browser_js()
{
	browser_call POST /execute/sync "$(jq -nc --arg script "$1" '{script: $script, args: []}')"
}

browser_dark()
{
	browser_call POST /goog/cdp/execute '{"cmd": "Emulation.setEmulatedMedia", "params":
		{"features": [{"name": "prefers-color-scheme", "value": "dark"}]}}' >/dev/null
}

browser_shot()
{
	browser_call GET /screenshot | jq -r . | base64 -d >"$1"
}

browser_down()
{
	[[ -n $BROWSER_PID ]] || return 0
	browser_call DELETE "" >/dev/null 2>&1 || true
	kill "$BROWSER_PID" 2>/dev/null || true
	wait "$BROWSER_PID" 2>/dev/null || true
	BROWSER_PID=
}
