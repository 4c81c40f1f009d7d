#!/bin/sh
# Some tests use programs from the system's packages: a browser, abc2midi, fluidsynth, rsvg-convert. Install those that are missing
# where that is possible without a question; say in one line what is missing and skipped where it is not. Never fails.
missing=
{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1 || missing="$missing chromium"
command -v abc2midi >/dev/null 2>&1 || missing="$missing abcmidi"
command -v rsvg-convert >/dev/null 2>&1 || missing="$missing librsvg2-bin"
ls /usr/lib/*/libfluidsynth* /usr/lib*/libfluidsynth* /usr/local/lib/libfluidsynth* /opt/homebrew/lib/libfluidsynth* 2>/dev/null | grep -q . \
    || missing="$missing libfluidsynth3"
test -z "$missing" && exit 0

as_root=
test "$(id -u)" = 0 || as_root="sudo -n"
if command -v apt-get >/dev/null 2>&1 && { test -z "$as_root" || $as_root true 2>/dev/null; }; then
    echo "Installing for the tests:$missing"
    { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1 && exit 0
fi
echo "Missing system packages:$missing; the tests that need them are skipped."
exit 0
