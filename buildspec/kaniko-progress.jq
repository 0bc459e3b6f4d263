# What kaniko logs, as the progress of an engine: the steps, which of them were cached, the reading of the cache, and the error of a build
# that failed. A line of kaniko begins with its level, in color; the others are those of the steps. kaniko announces the cached steps of a
# stage in front of it, and of all stages that it can leave out in front of the first one.

[inputs | sub("\\s+$"; "")] as $lines
| [$lines[] | capture("^\\e\\[\\d+m(?<level>[A-Z]{4})\\e\\[0m\\[\\d+\\] (?<text>.*)")?] as $said
| reduce $said[].text as $text ({ stage: "ahead", cached: {}, run: {} };
    if ($text | startswith("Building stage ")) then .stage = ($text | capture("idx: '(?<index>\\d+)'").index)
    elif ($text | startswith("Using caching version of cmd: ")) then .cached[.stage][$text | ltrimstr("Using caching version of cmd: ")] += 1
    elif .stage != "ahead" and ($text | test("^(RUN|COPY|ADD|WORKDIR) ")) then .run[.stage][$text] += 1
    else . end)
| .cached.ahead as $ahead
| (.cached | del(.ahead)) as $cached
# A step of a stage is named once when it begins, cached or not.
| [.run | to_entries[] | .key as $stage | .value | to_entries[] | range(.value) as $time
    | { text: .key, cached: ($time < ($cached[$stage][.key] // 0)) }] as $steps
# Those that kaniko found ahead and never came to, it left out.
| [$ahead // {} | to_entries[] | .key as $text | range(.value - ([$steps[] | select(.text == $text)] | length) | [., 0] | max) | { text: $text, cached: true }] as $left_out
| ($steps + $left_out) as $all
| ($all | length) as $count
| (if $cache == "" then empty else
    "#0 importing cache manifest from kaniko:\($cache)",
    if $unread != "" then "#0 ERROR: \($unread)" else empty end
  end),
  ($all | to_entries[] | "#\(.key + 1) [\(.key + 1)/\($count)] \(.value.text)", if .value.cached then "#\(.key + 1) CACHED" else empty end),
  # What a mirror could not give stands in a warning, and not in the error. The warning names the image as the Dockerfile does.
  ([$said[] | select(.level == "WARN") | .text | capture("^Failed to retrieve image (?<image>\\S+) from remapped registry [^ ]+: (?<why>.*)")?
      | "failed to resolve source metadata for \(.image | if test("^(localhost|[^/]*[.:][^/]*)/") then . else "docker.io/" + . end): \(.why | sub("\\. Will try with the next registry.*"; ""))"]
    + [$lines[] | select(test("^error [a-z]+ing "))]
    | if length > 0 then "ERROR: " + (unique | join("; ")) else empty end)
