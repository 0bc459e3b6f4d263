# shellcheck shell=bash
# The registry's own HTTP API, for manifests only. It says plainly whether a tag is there, and sets one in a single request,
# without an engine, without a builder and without moving a layer.

registry_host() { printf '%s' "${IMAGE_REPOSITORY%%/*}"; }

manifest_types='application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json,
 application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json'

# registry_request NAME METHOD REFERENCE [CURL ARGUMENT...]: leaves NAME.body and NAME.type in the build's folder and prints the HTTP status.
# The credentials come from a file, so that they stand neither in the log nor in the list of processes.
registry_request() {
  local name=$1 method=$2 reference=$3 answer attempt=1
  shift 3
  # curl tries again what the registry answers badly, but not a connection that breaks
  until answer=$(curl --disable --config "$CACHED_BUILD_DIR/registry.curl" --silent --show-error --request "$method" \
    --retry 3 --connect-timeout 10 --max-time 60 \
    --output "$CACHED_BUILD_DIR/$name.body" --write-out '%{http_code} %{content_type}' "$@" \
    "https://$(registry_host)/v2/${IMAGE_REPOSITORY#*/}/manifests/$reference" 2>"$CACHED_BUILD_DIR/$name.error"); do
    if ((attempt == 3)); then fail "the registry $(registry_host) cannot be reached: $(recall "$name.error")"; fi
    sleep "$((attempt++))"
  done
  remember "$name.type" "${answer#* }"
  printf '%s' "${answer%% *}"
}

# find_manifest NAME REFERENCE: 0 when it is there, 1 when the registry says that it is not, and the end of the build for any other answer:
# a registry that denies or fails has not said that the image is missing, and a rebuild would only hide that.
find_manifest() {
  local name=$1 reference=$2 status
  status=$(registry_request "$name" GET "$reference" --header "Accept: ${manifest_types//$'\n'/}") || exit 1
  case "$status" in
    200) return 0 ;;
    404)
      case "$(registry_error "$name")" in
        NAME_UNKNOWN) fail "the repository $IMAGE_REPOSITORY does not exist; it has to be deployed before its first image is built" ;;
        MANIFEST_UNKNOWN) return 1 ;;
        *) fail "the answer for $IMAGE_REPOSITORY is not that of its registry (HTTP 404): $(recall "$name.body")" ;;
      esac
      ;;
    401 | 403) fail "the registry denies access to $IMAGE_REPOSITORY (HTTP $status): $(recall "$name.body")" ;;
    *) fail "the registry cannot say whether $IMAGE_REPOSITORY has '$reference' (HTTP $status): $(recall "$name.body")" ;;
  esac
}

registry_error() { jq -r '.errors[0].code // empty' "$CACHED_BUILD_DIR/$1.body" 2>/dev/null || true; }

# The digest of a manifest is that of its bytes, whatever a header says.
digest_of() { printf 'sha256:%s' "$(sha256sum <"$CACHED_BUILD_DIR/$1.body" | cut -d' ' -f1)"; }

# put_tag TAG: points the tag at the manifest in image.body; 1 when the tag is immutable and taken
put_tag() {
  local tag=$1 status
  status=$(registry_request put PUT "$tag" --header "Content-Type: $(recall image.type)" --data-binary "@$CACHED_BUILD_DIR/image.body") || exit 1
  case "$status" in
    2??) return 0 ;;
    400) if [[ "$(recall put.body)" == *immutable* ]]; then return 1; fi ;;
  esac
  fail "the tag '$tag' cannot be set in $IMAGE_REPOSITORY (HTTP $status): $(recall put.body)"
}
