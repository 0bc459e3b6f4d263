#!/bin/sh
# Synthesizes once, makes the repositories, builds the images that are missing, and deploys what uses them.
set -eu

npx cdk synth --quiet
npx cdk deploy --app cdk.out --require-approval never Images
node cdk.out/cached-docker-build.cjs build --all
npx cdk deploy --app cdk.out --require-approval never Service
