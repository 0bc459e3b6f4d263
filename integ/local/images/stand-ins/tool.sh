#!/bin/sh
# Plays package managers and compilers: makes the files and directories that they would make, and gets nothing from anywhere. What is compiled depends on what
# is there, as the result of a compiler does.
set -e
name=${0##*/}
output='' user=''
for argument; do
  case "$previous" in -o|-t|--target) output=$argument ;; esac
  previous=$argument
  user=$argument
done

sources() {
  find . -type f ! -path '*/node_modules/*' ! -path '*/dist/*' ! -path '*/target/*' | sort | xargs cat | sha256sum
}

case "$name $*" in
  'useradd '*|'adduser '*)
    home=/home/$user
    echo "$user:x:10001:10001::$home:/bin/sh" >> /etc/passwd
    echo "$user:x:10001:" >> /etc/group
    case "$*" in *--create-home*) mkdir -p "$home"; chmod 700 "$home"; chown 10001:10001 "$home" ;; esac
    ;;
  'pip '*|'uv '*)
    mkdir -p "${output:-/usr/local/lib/python3.12/site-packages}/requests"
    echo requests > "${output:-/usr/local/lib/python3.12/site-packages}/requests/__init__.py"
    ;;
  'poetry '*)
    mkdir -p .venv/bin .venv/lib
    ln -s lib .venv/lib64
    ln -s /usr/local/bin/python .venv/bin/python
    ;;
  *' run build')
    mkdir -p dist/assets
    sources > dist/index.js
    echo style > dist/assets/style.css
    if [ -d src ]; then cp -a src dist/assets/; fi
    ;;
  'npm '*|'pnpm '*|'yarn '*)
    mkdir -p node_modules/.bin node_modules/left-pad/lib
    echo left-pad > node_modules/left-pad/lib/index.js
    ln -sf ../left-pad/lib/index.js node_modules/.bin/left-pad
    ;;
  'apt-get '*|'apk '*)
    mkdir -p /usr/share/doc/package
    echo package > /usr/share/doc/package/copyright
    ;;
  'mvn '*package) mkdir -p target/classes && sources > target/app.jar ;;
  'java '*) mkdir -p dependencies/lib application && echo dependency > dependencies/lib/a.jar && sources > application/app.jar ;;
  'go build '*) mkdir -p "$(dirname "$output")" && sources > "$output" && chmod 755 "$output" ;;
  'cargo build '*) mkdir -p target/release && sources > target/release/app && chmod 755 target/release/app ;;
  'dotnet publish '*) mkdir -p "$output/runtimes" && sources > "$output/App.dll" && echo native > "$output/runtimes/native.so" ;;
esac
