# BuildKit's progress (rawjson, a line each) as lines for a person: what began, what it printed, how it ended.
# Lines that are not progress, such as the last error, pass as they are.

def number($digest): .numbers[$digest];

def seconds: if .started and .completed then
    (.completed | sub("\\..*"; "Z") | fromdateiso8601) - (.started | sub("\\..*"; "Z") | fromdateiso8601) | " \(.)s"
  else "" end;

def ending: if .error // "" != "" then "ERROR: \(.error)" elif .cached then "CACHED" else "DONE\(seconds)" end;

foreach inputs as $line ({ numbers: {}, ended: {}, lines: [] };
  ($line | fromjson? // null) as $event
  | .lines = []
  | if ($event | type) != "object" then .lines = [$line]
    else
      reduce ($event.vertexes // [])[] as $vertex (.;
        if .numbers[$vertex.digest] == null and ($vertex.started != null or $vertex.cached) then
          .numbers[$vertex.digest] = (.numbers | length + 1)
          | .lines += ["#\(number($vertex.digest)) \($vertex.name)"]
        else . end
        | if .ended[$vertex.digest] == null and $vertex.completed != null then
          .ended[$vertex.digest] = true
          | .lines += ["#\(number($vertex.digest) // 0) \($vertex | ending)"]
        else . end)
      | reduce ($event.logs // [])[] as $log (.;
        .lines += [$log.data | @base64d | rtrimstr("\n") | split("\n")[]])
    end;
  .lines[])
