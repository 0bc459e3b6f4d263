from aws_cdk import (
    App, CfnOutput, Duration, Environment, RemovalPolicy, Size, Stack, Stage,
    aws_cloudwatch as cloudwatch, aws_cloudwatch_actions as actions, aws_codebuild as codebuild, aws_ec2 as ec2, aws_ecr as ecr, aws_ecr_assets as assets, aws_ecs as ecs, aws_iam as iam, aws_kms as kms,
    aws_lambda as lambda_, aws_logs as logs, aws_s3 as s3, aws_secretsmanager as secretsmanager, aws_sns as sns, aws_ssm as ssm, pipelines,
)
from cdk_cached_docker_build import (
    BuildCacheAlarms, BuildCacheDashboard, BuildMetrics, BuildSecret, CacheCompression, CachedDockerBuildProject, CachedDockerBuildStep, CachedDockerImage, CacheMode, CacheRepository, DockerAssetCache, DockerBuilder,
    DockerContext, ImageRepository, ImageTag, LayerCache, PullThroughCache, RegistryLogin, RegistryMirror, UpstreamRegistry,
)

# typescript/tour.ts, line by line.

env = Environment(account="111111111111", region="eu-west-1")
app = App()
stack = Stack(app, "Tour", env=env)

key = kms.Key(stack, "Key")
secret = secretsmanager.Secret(stack, "Secret")
parameter = ssm.StringParameter.from_secure_string_parameter_attributes(stack, "Token", parameter_name="/tour/token")
bucket = s3.Bucket(stack, "Bucket")
vpc = ec2.Vpc(stack, "Vpc", max_azs=1, nat_gateways=1)
group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("codebuild.amazonaws.com"))
fleet = codebuild.Fleet.from_fleet_arn(stack, "Fleet", "arn:aws:codebuild:eu-west-1:111111111111:fleet/tour:00000000-0000-0000-0000-000000000000")
bases = ecr.Repository.from_repository_name(stack, "Bases", "tour/bases")

# Repositories
images = ImageRepository(stack, "Images",
    repository_name="tour/images",
    encryption=ecr.RepositoryEncryption.KMS,
    encryption_key=key,
    image_scan_on_push=True,
    mutable_tags=["stable", "nightly"],
    removal_policy=RemovalPolicy.DESTROY,
    empty_on_delete=True
)
layers = CacheRepository(stack, "Layers",
    repository_name="tour/layers",
    encryption=ecr.RepositoryEncryption.KMS,
    encryption_key=key,
    max_age=Duration.days(20),
    removal_policy=RemovalPolicy.DESTROY
)

# The cache for image assets
asset_cache = DockerAssetCache(stack, "AssetCache", repository=CacheRepository(stack, "AssetLayers", repository_name="tour/asset-layers"))
source = pipelines.CodePipelineSource.connection("example/app", "main",
    connection_arn="arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000"
)
pipeline = pipelines.CodePipeline(stack, "Pipeline",
    synth=pipelines.ShellStep("Synth", input=source, commands=["synthesize"]),
    asset_publishing_code_build_defaults=asset_cache.code_build_options(timeout=Duration.hours(1))
)

# Mirrors of registries
hub = PullThroughCache(stack, "Hub",
    upstream=UpstreamRegistry.docker_hub(),
    credentials=secretsmanager.Secret.from_secret_name_v2(stack, "HubSecret", "ecr-pullthroughcache/hub"),
    encryption_key=key,
    max_age=Duration.days(30),
    repository_prefix="hub"
)
hub.grant_pull(role)
open_caches = [
    PullThroughCache(stack, upstream.host, upstream=upstream)
    for upstream in [UpstreamRegistry.ecr_public(), UpstreamRegistry.kubernetes(), UpstreamRegistry.ecr("222222222222", "eu-west-1")]
]
for upstream in [UpstreamRegistry.git_hub(), UpstreamRegistry.git_lab(), UpstreamRegistry.chainguard(), UpstreamRegistry.azure("example")]:
    credentials = secretsmanager.Secret.from_secret_name_v2(stack, f"Secret of {upstream.host}", f"ecr-pullthroughcache/{upstream.host}")
    PullThroughCache(stack, upstream.host, upstream=upstream, credentials=credentials)
quay = PullThroughCache.from_pull_through_cache_attributes(stack, "Quay",
    upstream=UpstreamRegistry.quay(),
    account="333333333333",
    region="eu-west-1",
    repository_names=["organization/*"],
    repository_prefix="their-quay"
)
mirror = RegistryMirror.of(
    upstream="registry.example.com",
    endpoint="mirror.example.com/copies",
    credentials=secret
)
CfnOutput(stack, "Mirror", value=f"{mirror.upstream} {mirror.endpoint} {hub.repository_prefix}")

# Images. The maps have no order in some languages, and the assembly has to be the same whatever it is.
api = CachedDockerImage(stack, "Api",
    context=DockerContext.directory("contexts/api"),
    repository=images,
    dockerfile="Dockerfile",
    target="final",
    platform=assets.Platform.LINUX_AMD64,
    build_args={"ZONE": "eu-west-1", "COLOR": "green", "ANIMAL": "cat", "MONTH": "may"},
    build_contexts={
        "shared": DockerContext.directory("contexts/shared"),
        "worker": DockerContext.directory("contexts/worker"),
        "base": DockerContext.image("public.ecr.aws/docker/library/python:3.12")
    },
    build_secrets={
        "token": BuildSecret.ssm_parameter(parameter),
        "npm": BuildSecret.secrets_manager(secret, "npm"),
        "pip": BuildSecret.secrets_manager(secret, "pip")
    },
    build_ssh_key=BuildSecret.secrets_manager(secret, "ssh"),
    link_copies=False,
    tag=ImageTag.content_hash(refresh_every=Duration.days(90))
)


def worker(id: str, tag: ImageTag = ImageTag.content_hash()) -> CachedDockerImage:
    return CachedDockerImage(stack, id, context=DockerContext.directory("contexts/worker"), tag=tag)


plain = worker("Plain")
fixed = worker("Fixed", ImageTag.fixed("1.2.3"))
commit = worker("Commit", ImageTag.commit())
whole = CachedDockerImage(stack, "Whole", context=DockerContext.pipeline_source(source, "services/whole"))
stored = worker("Stored")
local = worker("Local")
server = worker("Server")
remote = worker("Remote")
kaniko = worker("Kaniko")

# Steps: each builder and each layer cache
build = CachedDockerBuildStep("BuildKit",
    images=[api, plain],
    pipeline=pipeline,
    layer_cache=LayerCache.registry(
        repository=layers,
        fallback_repository=ecr.Repository.from_repository_name(stack, "OldLayers", "tour/old-layers"),
        compression=CacheCompression.GZIP,
        mode=CacheMode.MIN,
        scope=source.source_attribute("BranchName"),
        fallback_scopes=["main", "release"],
        ignore_errors=False
    ),
    builder=DockerBuilder.buildkit(
        buildkit_image="registry.example.com/buildkit:v0.32.2",
        config="debug = true\n",
        max_parallelism=2,
        mirrors=[hub.mirror, quay.mirror, mirror, *(cache.mirror for cache in open_caches)],
        fallback_to_upstream=False
    ),
    additional_tags=["latest", source.source_attribute("CommitId")],
    registry_logins=[
        RegistryLogin.docker_hub(secret, username_field="user", password_field="token"),
        RegistryLogin.ecr(bases),
        RegistryLogin.secret("private.example.com", secret)
    ],
    build_image=codebuild.LinuxBuildImage.STANDARD_7_0,
    compute_type=codebuild.ComputeType.LARGE,
    env={"ZONE": "one", "COLOR": "two", "ANIMAL": "three", "MONTH": "four"},
    logging=codebuild.LoggingOptions(cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=logs.LogGroup(stack, "Log"), prefix="builds")),
    max_concurrent_builds=3,
    metrics=BuildMetrics.STEP_AND_IMAGES,
    project_name="tour-build",
    role=role,
    security_groups=[group],
    subnet_selection=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
    test_report=True,
    timeout=Duration.minutes(45),
    vpc=vpc
)
steps = [
    build,
    CachedDockerBuildStep("Inline", images=[fixed], pipeline=pipeline, fleet=fleet, metrics=BuildMetrics.NONE, layer_cache=LayerCache.inline(from_tags=["latest"], stages=["base"])),
    CachedDockerBuildStep("None", images=[commit, whole], pipeline=pipeline, metrics=BuildMetrics.STEP, layer_cache=LayerCache.none()),
    CachedDockerBuildStep("Stored", images=[stored], pipeline=pipeline, layer_cache=LayerCache.s3(bucket, prefix="layers/", mode=CacheMode.MAX, scope="tour")),
    CachedDockerBuildStep("Engine",
        images=[local],
        pipeline=pipeline,
        layer_cache=LayerCache.code_build_local(),
        builder=DockerBuilder.docker_engine(fallback_to_upstream=True, mirrors=[hub.mirror])
    ),
    CachedDockerBuildStep("Server",
        images=[server],
        pipeline=pipeline,
        vpc=vpc,
        layer_cache=LayerCache.none(),
        builder=DockerBuilder.docker_server(compute_type=codebuild.DockerServerComputeType.MEDIUM, security_groups=[group])
    ),
    CachedDockerBuildStep("Remote",
        images=[remote],
        pipeline=pipeline,
        vpc=vpc,
        layer_cache=LayerCache.registry(compression=CacheCompression.ZSTD),
        builder=DockerBuilder.remote(
            endpoints=["tcp://buildkit-0.example.internal:1234", "tcp://buildkit-1.example.internal:1234"],
            certificates=secret,
            ca_field="authority",
            cert_field="certificate",
            key_field="privateKey",
            server_name="buildkit.example.internal"
        )
    ),
    CachedDockerBuildStep("Kaniko", images=[kaniko], pipeline=pipeline, builder=DockerBuilder.kaniko(fallback_to_upstream=True))
]

# What watches them
of_api = build.image_metrics(api)
metrics = [
    build.metric_cache_hit_ratio(), build.metric_duration(), build.metric_bytes_pulled(), build.metric_bytes_pushed(), build.metric_images_built(), build.metric_images_skipped(),
    build.metric_cache_errors(label="errors"),
    of_api.metric_cache_hit_ratio(), of_api.metric_duration(), of_api.metric_bytes_pulled(), of_api.metric_bytes_pushed(), of_api.metric_images_built(), of_api.metric_images_skipped(),
    of_api.metric_cache_errors(),
]
dashboard = BuildCacheDashboard(stack, "Dashboard", steps=[build], dashboard_name="tour-builds", default_interval=Duration.days(7))
dashboard.add_widgets(cloudwatch.SingleValueWidget(metrics=metrics))
alarms = BuildCacheAlarms(stack, "Alarms", step=build, faulty_hours=2, max_duration=Duration.minutes(20), max_weekly_growth=Size.gibibytes(10))
alarms.add_alarm_action(actions.SnsAction(sns.Topic(stack, "Topic")))
CfnOutput(stack, "AlarmNames", value=f"{alarms.cache_errors.alarm_name} {alarms.slow_builds.alarm_name} {alarms.repository_growth.alarm_name}")

# What other pipelines need
other = iam.Role(stack, "OtherRole", assumed_by=iam.AccountPrincipal("222222222222"))
asset_cache.grant_read(other)
asset_cache.grant_publish(other)
elsewhere = CachedDockerImage(stack, "Elsewhere", context=DockerContext.directory("contexts/worker"), built_elsewhere=True)
elsewhere.grant_build(other)
delivery = CachedDockerBuildProject(stack, "Delivery",
    images=[worker("Delivered")],
    source=codebuild.Source.git_hub(owner="example", repo="app", webhook=True),
    synth_commands=["synthesize"],
    deploy_commands=["deploy"],
    assembly_directory="out",
    env={"ZONE": "one", "COLOR": "two", "ANIMAL": "three", "MONTH": "four"}
)
bucket.grant_read(delivery.grant_principal)
CfnOutput(stack, "Project", value=delivery.project.project_name)

# A stage that uses the images, and an image asset
prod = Stage(stack, "Prod", env=env)
services = Stack(prod, "Services")
lambda_.DockerImageFunction(services, "Api",
    code=api.lambda_code(services, cmd=["app.handler"], entrypoint=["/lambda-entrypoint.sh"], working_directory="/var/task")
)
lambda_.DockerImageFunction(services, "Asset", code=lambda_.DockerImageCode.from_image_asset("contexts/worker"))
task = ecs.FargateTaskDefinition(services, "Task")
task.add_container("Main", image=plain.container_image(task))
for image in [fixed, commit, whole, stored, local, server, remote, kaniko]:
    CfnOutput(services, f"{image.node.id}Uri", value=image.image_uri(services))
CfnOutput(stack, "Tag", value=f"{fixed.image_tag} of {fixed.repository.node.id}")
pipeline.add_wave("Deploy",
    pre=steps,
    post=[
        pipelines.ShellStep("ShowDigest", env={"DIGEST": build.image_digest(api)}, commands=["printenv DIGEST"]),
        pipelines.ShellStep("ShowUri", env={"URI": build.image_uri_with_digest(plain)}, commands=["printenv URI"]),
    ]
).add_stage(prod)

app.synth()
