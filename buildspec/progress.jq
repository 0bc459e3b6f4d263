# BuildKit's progress (rawjson, a line each) as lines for a person: what began, what it printed, how it ended.
# Lines that are not progress, such as the last error, pass as they are.

def seconds: (sub("\\.[0-9]+"; "") | fromdateiso8601) + ((capture("(?<fraction>\\.[0-9]+)").fraction // "0") | tonumber);

def duration: try (" \(((.completed | seconds) - (.started | seconds)) * 10 | round / 10)s") catch "";

def ending: if (.error // "") != "" then "ERROR: \(.error)" elif .cached == true then "CACHED" else "DONE\(duration)" end;

def each(field): .[field] | arrays[] | objects;

foreach inputs as $line ({ numbers: {}, ended: {}, lines: [] };
  ($line | try fromjson catch null) as $event
  | .lines = []
  | if ($event | type) != "object" then .lines = [$line]
    else
      reduce ($event | each("vertexes") | select(.digest | type == "string")) as $vertex (.;
        if .numbers[$vertex.digest] == null and ($vertex.started or $vertex.completed) then
          .numbers[$vertex.digest] = (.numbers | length + 1)
          | .lines += ["#\(.numbers[$vertex.digest]) \($vertex.name)"]
        else . end
        # a push can fail after the export around it has ended
        | if $vertex.completed and (.ended[$vertex.digest] == null or ($vertex.error // "") != (.ended[$vertex.digest])) then
          .ended[$vertex.digest] = ($vertex.error // "")
          | .lines += ["#\(.numbers[$vertex.digest]) \($vertex | ending)"]
        else . end)
      | reduce ($event | each("logs") | .data | strings) as $data (.;
        .lines += ($data | (try @base64d catch "") | rtrimstr("\n") | split("\n")))
      # such as a base image for another processor
      | reduce ($event | each("warnings") | .short | strings) as $short (.;
        .lines += ($short | (try "WARNING: \(@base64d)" catch empty) | [.]))
    end;
  .lines[])
