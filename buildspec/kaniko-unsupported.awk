# The first thing in a Dockerfile that kaniko cannot do, mostly without a word, and why: what synthesis says of a Dockerfile that it knows
# (kaniko-dockerfile.ts), for one that comes with a source. A test holds the two together. Only the flags in front of an instruction count.
BEGIN { document = 1 }
function refuse(why) { print "line " start " has " word[i] ", and " why; exit }
{ sub(/\r$/, "") }
!body && tolower($0) ~ /^#[ \t]*syntax[ \t]*=/ && $0 !~ /=[ \t]*(docker\.io\/)?docker\/dockerfile(-upstream)?([:@ \t]|$)/ {
  start = NR
  word[i] = $0
  refuse("it has no frontends")
}
!/^#/ { body = 1 }
document <= documents {
  if (indented[document]) sub(/^\t+/, "")
  if ($0 == ends[document]) document++
  next
}
continued && /^[ \t]*(#|$)/ { next }
!continued { start = NR; text = "" }
{ continued = sub(/\\[ \t]*$/, ""); text = text " " $0 }
continued { next }
{
  if (toupper(text) ~ /^[ \t]*(ONBUILD[ \t]+)?(ADD|COPY)[ \t].*[ \t]\[.*\][ \t]*$/) gsub(/[][",]+/, " ", text)
  count = split(text, word)
  i = toupper(word[1]) == "ONBUILD" ? 2 : 1
  keyword = toupper(word[i])
  from = ""
  documents = 0
  document = 1
  for (j = i + 1; keyword ~ /^(ADD|COPY|RUN)$/ && j <= count; j++) if (word[j] ~ /^[0-9]*<<-?["']?[A-Za-z0-9_.-]+["']?$/) {
    ends[++documents] = word[j]
    gsub(/^[0-9]*<<-?["']?|["']$/, "", ends[documents])
    indented[documents] = word[j] ~ /<<-/
  }
  if (keyword == "FROM") {
    if (toupper(word[count - 1]) == "AS") stages[tolower(word[count])]
    stages[stage_count++]
  }
  for (i++; i <= count && word[i] ~ /^--/; i++) {
    flag = tolower(word[i])
    if (keyword == "FROM" && flag ~ /^--platform=[a-z0-9_\/]+$/ && flag != "--platform=" platform) refuse("it builds for " platform " only")
    if (keyword == "RUN" && flag ~ /^--mount=/) {
      if (flag ~ /[=,]type=secret(,|$)/) refuse("it keeps a secret as a file that every step can read, whether it mounts the secret or not")
      if (flag ~ /[=,]type=ssh(,|$)/) refuse("it has no SSH agent for a step, and passes over the mount")
      if (flag ~ /[=,]type=tmpfs(,|$)/) refuse("it passes over the mount, so what the step leaves there would be in the image")
      if (flag ~ /[=,]from=/) refuse("it leaves a mount of another stage or image out, and gives an empty cache instead of a filled one")
      if (flag ~ /[=,](target|dst|destination)=[a-z0-9._]/) refuse("it takes the target from / and not from the WORKDIR; begin it with a slash")
    }
    if (keyword == "RUN" && flag ~ /^--(device|network|security)(=|$)/) refuse("it passes over that flag")
    if (keyword == "COPY" && flag ~ /^--from=/) from = tolower(substr(flag, 8))
    if (keyword == "COPY" && flag ~ /^--(exclude|parents)(=|$)/) refuse("it passes over that flag")
    if (keyword == "ADD" && flag ~ /^--(checksum|exclude|keep-git-dir|unpack)(=|$)/) refuse("it passes over that flag")
  }
  if (keyword == "RUN" && i <= count) {
    for (j = i; j <= count && word[j] ~ /^[0-9]*<<[^<]/; j++);
    if (j > count) refuse("its shell would expand the here-document before sh gets it, or pass over it; give it to a program, as in RUN sh << with quotes around its name")
  }
  if (keyword == "ADD" && text ~ / --chown=/ && text ~ /\.(tar(\.[a-z0-9]+)?|t[bgx]z2?)[ ",]/ && text !~ /:\/\//) {
    i = count
    refuse("it leaves the files of an archive to the owners in it, whatever --chown says")
  }
  for (; i < count; i++) {
    if (from in stages && word[i] ~ /^[.\/*]*$/) refuse("it would take the files of the build with those of the stage, since all are in one container")
    if (keyword == "ADD") if (word[i] ~ /^git@/ || word[i] ~ /^[a-z+]+:\/\/.*\.git([#?]|$)/) refuse("it would download a page instead of the repository")
  }
}
