# shellcheck shell=bash
# What cdk-assets does for an image: nothing if its tag is there, and else one command of docker, or of what takes its place, after the other.
docker=${CDK_DOCKER:-docker}
types='application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json'
password=$(aws ecr get-login-password --region "$AWS_REGION") || exit
if curl --silent --fail --head --output /dev/null --user "AWS:$password" --header "Accept: $types" "https://$HOST/v2/$REPOSITORY/manifests/$TAG"; then
  exit 0
fi
"$docker" login --username AWS --password-stdin "$HOST" <<<"$password" || exit
cd "$DIRECTORY" || exit
# shellcheck disable=SC2086 # each word is an argument
"$docker" build --tag "cdkasset-$TAG" $FLAGS . || exit
"$docker" tag "cdkasset-$TAG" "$HOST/$REPOSITORY:$TAG" || exit
"$docker" push "$HOST/$REPOSITORY:$TAG" || exit
