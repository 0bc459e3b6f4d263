# shellcheck shell=bash
# The recipe of the article on CDK Pipelines: the last image is pulled, and its layers are the cache.
export DOCKER_BUILDKIT=1
docker pull "$REPOSITORY_URI:latest" || true
docker build --build-arg BUILDKIT_INLINE_CACHE=1 --cache-from "$REPOSITORY_URI:latest" \
  -t "$REPOSITORY_URI:latest" -t "$REPOSITORY_URI:$COMMIT_ID" . || exit
docker push "$REPOSITORY_URI:latest" || exit
docker push "$REPOSITORY_URI:$COMMIT_ID" || exit
