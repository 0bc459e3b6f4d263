# shellcheck shell=bash
# The dance of the Flask article: the last image and the last builder stage are pulled, both are built with both as their cache,
# and both are pushed. Without a builder stage it is the last image alone.
export DOCKER_BUILDKIT=1
from=(--cache-from "$REPOSITORY_URI:latest")
if grep -q 'AS builder' Dockerfile; then
  docker pull "$REPOSITORY_URI:builder" || true
  docker build --target builder --build-arg BUILDKIT_INLINE_CACHE=1 --cache-from "$REPOSITORY_URI:builder" \
    -t "$REPOSITORY_URI:builder" . || exit
  from+=(--cache-from "$REPOSITORY_URI:builder")
fi
docker pull "$REPOSITORY_URI:latest" || true
docker build --build-arg BUILDKIT_INLINE_CACHE=1 "${from[@]}" -t "$REPOSITORY_URI:latest" -t "$REPOSITORY_URI:$COMMIT_ID" . || exit
if grep -q 'AS builder' Dockerfile; then
  docker push "$REPOSITORY_URI:builder" || exit
fi
docker push "$REPOSITORY_URI:latest" || exit
docker push "$REPOSITORY_URI:$COMMIT_ID" || exit
