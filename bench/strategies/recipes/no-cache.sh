# shellcheck shell=bash
# What most pipelines do, and what every other way is compared to: a new engine builds, and pushes what it has built.
export DOCKER_BUILDKIT=1
docker build -t "$REPOSITORY_URI:$COMMIT_ID" . || exit
docker push "$REPOSITORY_URI:$COMMIT_ID" || exit
