# What a build did, from its progress: rawjson of BuildKit, or the plain text of an engine. Anything else in between is passed over.
# { steps: [{ cached }], imports: [{ from, error }] }

def vertexes_of_json: [.[] | fromjson? | objects | .vertexes? | arrays[] | objects | select(.digest and .name)]
  | group_by(.digest)
  | map({ name: .[0].name, cached: any(.cached == true), error: (map(.error // "" | strings | select(. != "")) | last // "") });

# A line of an engine begins with the number of its vertex; the first one names it. A cached step may be unpacked, which tells it too.
def vertexes_of_text: [.[] | capture("^#(?<number>[0-9]+) (?<text>.*)")?]
  | group_by(.number)
  | map({
      name: .[0].text,
      cached: any(.[1:][]; .text | test("^(CACHED$|pulling |extracting |sha256:[0-9a-f]+ )")),
      error: (map(.text | select(startswith("ERROR: ")) | ltrimstr("ERROR: ")) | last // "")
    });

[inputs] | (vertexes_of_json + vertexes_of_text) as $vertexes
| {
    # BuildKit names a step of the Dockerfile "[stage 2/5] RUN ..."; all else is its own work, and FROM is never cached.
    # A linked copy has a second vertex of the same name with LINK in front.
    steps: ($vertexes | map(select(.name | test("^\\[([^]]* )?[0-9]+/[0-9]+\\] (?!FROM )"))) | group_by(.name | sub("\\] LINK "; "] ")) | map({ cached: all(.cached) })),
    imports: ($vertexes | map(select(.name | startswith("importing cache manifest")) | { from: (.name | split(" ") | last | if startswith("s3:") then "s3" elif startswith("kaniko:") then "kaniko" else split("[/:]"; "") | last end), error: (.error | gsub("\\s+"; " ")) }))
  }
