package com.example.tour;

import com.example.cdk.cacheddockerbuild.*;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awscdk.*;
import software.amazon.awscdk.pipelines.*;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.SingleValueWidget;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.codebuild.CloudWatchLoggingOptions;
import software.amazon.awscdk.services.codebuild.ComputeType;
import software.amazon.awscdk.services.codebuild.DockerServerComputeType;
import software.amazon.awscdk.services.codebuild.Fleet;
import software.amazon.awscdk.services.codebuild.GitHubSourceProps;
import software.amazon.awscdk.services.codebuild.IFleet;
import software.amazon.awscdk.services.codebuild.LinuxBuildImage;
import software.amazon.awscdk.services.codebuild.LoggingOptions;
import software.amazon.awscdk.services.codebuild.Source;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.SubnetType;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.ecr.IRepository;
import software.amazon.awscdk.services.ecr.Repository;
import software.amazon.awscdk.services.ecr.RepositoryEncryption;
import software.amazon.awscdk.services.ecr.assets.Platform;
import software.amazon.awscdk.services.ecs.ContainerDefinitionOptions;
import software.amazon.awscdk.services.ecs.FargateTaskDefinition;
import software.amazon.awscdk.services.iam.AccountPrincipal;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.lambda.DockerImageCode;
import software.amazon.awscdk.services.lambda.DockerImageFunction;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.sns.Topic;
import software.amazon.awscdk.services.ssm.IStringParameter;
import software.amazon.awscdk.services.ssm.SecureStringParameterAttributes;
import software.amazon.awscdk.services.ssm.StringParameter;

/** typescript/tour.ts, line by line. The maps of Java have another order each time. */
public final class Tour {
    public static void main(String[] arguments) {
        Environment env = Environment.builder().account("111111111111").region("eu-west-1").build();
        App app = new App();
        Stack stack = Stack.Builder.create(app, "Tour").env(env).build();

        Key key = new Key(stack, "Key");
        Secret secret = new Secret(stack, "Secret");
        IStringParameter parameter = StringParameter.fromSecureStringParameterAttributes(stack, "Token", SecureStringParameterAttributes.builder().parameterName("/tour/token").build());
        Bucket bucket = new Bucket(stack, "Bucket");
        Vpc vpc = Vpc.Builder.create(stack, "Vpc").maxAzs(1).natGateways(1).build();
        SecurityGroup group = SecurityGroup.Builder.create(stack, "Group").vpc(vpc).build();
        Role role = Role.Builder.create(stack, "Role").assumedBy(new ServicePrincipal("codebuild.amazonaws.com")).build();
        IFleet fleet = Fleet.fromFleetArn(stack, "Fleet", "arn:aws:codebuild:eu-west-1:111111111111:fleet/tour:00000000-0000-0000-0000-000000000000");
        IRepository bases = Repository.fromRepositoryName(stack, "Bases", "tour/bases");

        // Repositories
        ImageRepository images = ImageRepository.Builder.create(stack, "Images")
                .repositoryName("tour/images")
                .encryption(RepositoryEncryption.KMS)
                .encryptionKey(key)
                .imageScanOnPush(true)
                .mutableTags(List.of("stable", "nightly"))
                .removalPolicy(RemovalPolicy.DESTROY)
                .emptyOnDelete(true)
                .build();
        CacheRepository layers = CacheRepository.Builder.create(stack, "Layers")
                .repositoryName("tour/layers")
                .encryption(RepositoryEncryption.KMS)
                .encryptionKey(key)
                .maxAge(Duration.days(20))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();

        // The cache for image assets
        DockerAssetCache assetCache = DockerAssetCache.Builder.create(stack, "AssetCache").repository(CacheRepository.Builder.create(stack, "AssetLayers").repositoryName("tour/asset-layers").build()).build();
        CodePipelineSource source = CodePipelineSource.connection("example/app", "main", ConnectionSourceOptions.builder()
                .connectionArn("arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000")
                .build());
        CodePipeline pipeline = CodePipeline.Builder.create(stack, "Pipeline")
                .synth(ShellStep.Builder.create("Synth").input(source).commands(List.of("synthesize")).build())
                .assetPublishingCodeBuildDefaults(assetCache.codeBuildOptions(CodeBuildOptions.builder().timeout(Duration.hours(1)).build()))
                .build();

        // Mirrors of registries
        PullThroughCache hub = PullThroughCache.Builder.create(stack, "Hub")
                .upstream(UpstreamRegistry.dockerHub())
                .credentials(Secret.fromSecretNameV2(stack, "HubSecret", "ecr-pullthroughcache/hub"))
                .encryptionKey(key)
                .maxAge(Duration.days(30))
                .repositoryPrefix("hub")
                .build();
        hub.grantPull(role);
        List<PullThroughCache> open = Stream.of(UpstreamRegistry.ecrPublic(), UpstreamRegistry.kubernetes(), UpstreamRegistry.ecr("222222222222", "eu-west-1"))
                .map(upstream -> PullThroughCache.Builder.create(stack, upstream.getHost()).upstream(upstream).build())
                .toList();
        for (UpstreamRegistry upstream : List.of(UpstreamRegistry.gitHub(), UpstreamRegistry.gitLab(), UpstreamRegistry.chainguard(), UpstreamRegistry.azure("example"))) {
            ISecret credentials = Secret.fromSecretNameV2(stack, "Secret of " + upstream.getHost(), "ecr-pullthroughcache/" + upstream.getHost());
            PullThroughCache.Builder.create(stack, upstream.getHost()).upstream(upstream).credentials(credentials).build();
        }
        IPullThroughCache quay = PullThroughCache.fromPullThroughCacheAttributes(stack, "Quay", PullThroughCacheAttributes.builder()
                .upstream(UpstreamRegistry.quay())
                .account("333333333333")
                .region("eu-west-1")
                .repositoryNames(List.of("organization/*"))
                .repositoryPrefix("their-quay")
                .build());
        RegistryMirror mirror = RegistryMirror.of(RegistryMirrorOptions.builder()
                .upstream("registry.example.com")
                .endpoint("mirror.example.com/copies")
                .credentials(secret)
                .build());
        CfnOutput.Builder.create(stack, "Mirror").value(String.format("%s %s %s", mirror.getUpstream(), mirror.getEndpoint(), hub.getRepositoryPrefix())).build();

        // Images. The maps have no order in some languages, and the assembly has to be the same whatever it is.
        CachedDockerImage api = CachedDockerImage.Builder.create(stack, "Api")
                .context(DockerContext.directory("contexts/api"))
                .repository(images)
                .dockerfile("Dockerfile")
                .target("final")
                .platform(Platform.LINUX_AMD64)
                .buildArgs(Map.of("ZONE", "eu-west-1", "COLOR", "green", "ANIMAL", "cat", "MONTH", "may"))
                .buildContexts(Map.of(
                        "shared", DockerContext.directory("contexts/shared"),
                        "worker", DockerContext.directory("contexts/worker"),
                        "base", DockerContext.image("public.ecr.aws/docker/library/python:3.12")))
                .buildSecrets(Map.of(
                        "token", BuildSecret.ssmParameter(parameter),
                        "npm", BuildSecret.secretsManager(secret, "npm"),
                        "pip", BuildSecret.secretsManager(secret, "pip")))
                .buildSshKey(BuildSecret.secretsManager(secret, "ssh"))
                .linkCopies(false)
                .tag(ImageTag.contentHash(ContentHashOptions.builder().refreshEvery(Duration.days(90)).build()))
                .build();
        CachedDockerImage plain = worker(stack, "Plain");
        CachedDockerImage fixed = worker(stack, "Fixed", ImageTag.fixed("1.2.3"));
        CachedDockerImage commit = worker(stack, "Commit", ImageTag.commit());
        CachedDockerImage whole = CachedDockerImage.Builder.create(stack, "Whole").context(DockerContext.pipelineSource(source, "services/whole")).build();
        CachedDockerImage stored = worker(stack, "Stored");
        CachedDockerImage local = worker(stack, "Local");
        CachedDockerImage server = worker(stack, "Server");
        CachedDockerImage remote = worker(stack, "Remote");
        CachedDockerImage kaniko = worker(stack, "Kaniko");

        // Steps: each builder and each layer cache
        CachedDockerBuildStep build = CachedDockerBuildStep.Builder.create("BuildKit")
                .images(List.of(api, plain))
                .pipeline(pipeline)
                .layerCache(LayerCache.registry(RegistryCacheOptions.builder()
                        .repository(layers)
                        .fallbackRepository(Repository.fromRepositoryName(stack, "OldLayers", "tour/old-layers"))
                        .compression(CacheCompression.GZIP)
                        .mode(CacheMode.MIN)
                        .scope(source.sourceAttribute("BranchName"))
                        .fallbackScopes(List.of("main", "release"))
                        .ignoreErrors(false)
                        .build()))
                .builder(DockerBuilder.buildkit(BuildkitOptions.builder()
                        .buildkitImage("registry.example.com/buildkit:v0.32.2")
                        .config("debug = true\n")
                        .maxParallelism(2)
                        .mirrors(Stream.concat(Stream.of(hub.getMirror(), quay.getMirror(), mirror), open.stream().map(PullThroughCache::getMirror)).toList())
                        .fallbackToUpstream(false)
                        .build()))
                .additionalTags(List.of("latest", source.sourceAttribute("CommitId")))
                .registryLogins(List.of(
                        RegistryLogin.dockerHub(secret, RegistryLoginFields.builder().usernameField("user").passwordField("token").build()),
                        RegistryLogin.ecr(bases),
                        RegistryLogin.secret("private.example.com", secret)))
                .buildImage(LinuxBuildImage.STANDARD_7_0)
                .computeType(ComputeType.LARGE)
                .env(Map.of("ZONE", "one", "COLOR", "two", "ANIMAL", "three", "MONTH", "four"))
                .logging(LoggingOptions.builder().cloudWatch(CloudWatchLoggingOptions.builder().logGroup(new LogGroup(stack, "Log")).prefix("builds").build()).build())
                .maxConcurrentBuilds(3)
                .metrics(BuildMetrics.STEP_AND_IMAGES)
                .projectName("tour-build")
                .role(role)
                .securityGroups(List.of(group))
                .subnetSelection(SubnetSelection.builder().subnetType(SubnetType.PRIVATE_WITH_EGRESS).build())
                .testReport(true)
                .timeout(Duration.minutes(45))
                .vpc(vpc)
                .build();
        List<CachedDockerBuildStep> steps = List.of(
            build,
            CachedDockerBuildStep.Builder.create("Inline").images(List.of(fixed)).pipeline(pipeline).fleet(fleet).metrics(BuildMetrics.NONE).layerCache(LayerCache.inline(InlineCacheOptions.builder().fromTags(List.of("latest")).stages(List.of("base")).build())).build(),
            CachedDockerBuildStep.Builder.create("None").images(List.of(commit, whole)).pipeline(pipeline).metrics(BuildMetrics.STEP).layerCache(LayerCache.none()).build(),
            CachedDockerBuildStep.Builder.create("Stored").images(List.of(stored)).pipeline(pipeline).layerCache(LayerCache.s3(bucket, S3CacheOptions.builder().prefix("layers/").mode(CacheMode.MAX).scope("tour").build())).build(),
            CachedDockerBuildStep.Builder.create("Engine")
                    .images(List.of(local))
                    .pipeline(pipeline)
                    .layerCache(LayerCache.codeBuildLocal())
                    .builder(DockerBuilder.dockerEngine(MirrorOptions.builder().fallbackToUpstream(true).mirrors(List.of(hub.getMirror())).build()))
                    .build(),
            CachedDockerBuildStep.Builder.create("Server")
                    .images(List.of(server))
                    .pipeline(pipeline)
                    .vpc(vpc)
                    .layerCache(LayerCache.none())
                    .builder(DockerBuilder.dockerServer(DockerServerBuilderOptions.builder().computeType(DockerServerComputeType.MEDIUM).securityGroups(List.of(group)).build()))
                    .build(),
            CachedDockerBuildStep.Builder.create("Remote")
                    .images(List.of(remote))
                    .pipeline(pipeline)
                    .vpc(vpc)
                    .layerCache(LayerCache.registry(RegistryCacheOptions.builder().compression(CacheCompression.ZSTD).build()))
                    .builder(DockerBuilder.remote(RemoteBuilderOptions.builder()
                            .endpoints(List.of("tcp://buildkit-0.example.internal:1234", "tcp://buildkit-1.example.internal:1234"))
                            .certificates(secret)
                            .caField("authority")
                            .certField("certificate")
                            .keyField("privateKey")
                            .serverName("buildkit.example.internal")
                            .build()))
                    .build(),
            CachedDockerBuildStep.Builder.create("Kaniko").images(List.of(kaniko)).pipeline(pipeline).builder(DockerBuilder.kaniko(KanikoOptions.builder().fallbackToUpstream(true).build())).build());

        // What watches them
        ImageMetrics ofApi = build.imageMetrics(api);
        List<Metric> metrics = List.of(
                build.metricCacheHitRatio(), build.metricDuration(), build.metricBytesPulled(), build.metricBytesPushed(), build.metricImagesBuilt(), build.metricImagesSkipped(), build.metricCacheErrors(MetricOptions.builder().label("errors").build()),
                ofApi.metricCacheHitRatio(), ofApi.metricDuration(), ofApi.metricBytesPulled(), ofApi.metricBytesPushed(), ofApi.metricImagesBuilt(), ofApi.metricImagesSkipped(), ofApi.metricCacheErrors());
        BuildCacheDashboard dashboard = BuildCacheDashboard.Builder.create(stack, "Dashboard").steps(List.of(build)).dashboardName("tour-builds").defaultInterval(Duration.days(7)).build();
        dashboard.addWidgets(SingleValueWidget.Builder.create().metrics(metrics).build());
        BuildCacheAlarms alarms = BuildCacheAlarms.Builder.create(stack, "Alarms").step(build).faultyHours(2).maxDuration(Duration.minutes(20)).maxWeeklyGrowth(Size.gibibytes(10)).build();
        alarms.addAlarmAction(new SnsAction(new Topic(stack, "Topic")));
        CfnOutput.Builder.create(stack, "AlarmNames").value(alarms.getCacheErrors().getAlarmName() + " " + alarms.getSlowBuilds().getAlarmName() + " " + alarms.getRepositoryGrowth().getAlarmName()).build();

        // What other pipelines need
        Role other = Role.Builder.create(stack, "OtherRole").assumedBy(new AccountPrincipal("222222222222")).build();
        assetCache.grantRead(other);
        assetCache.grantPublish(other);
        CachedDockerImage elsewhere = CachedDockerImage.Builder.create(stack, "Elsewhere").context(DockerContext.directory("contexts/worker")).builtElsewhere(true).build();
        elsewhere.grantBuild(other);
        CachedDockerBuildProject delivery = CachedDockerBuildProject.Builder.create(stack, "Delivery")
                .images(List.of(worker(stack, "Delivered")))
                .source(Source.gitHub(GitHubSourceProps.builder().owner("example").repo("app").webhook(true).build()))
                .synthCommands(List.of("synthesize"))
                .deployCommands(List.of("deploy"))
                .assemblyDirectory("out")
                .env(Map.of("ZONE", "one", "COLOR", "two", "ANIMAL", "three", "MONTH", "four"))
                .build();
        bucket.grantRead(delivery.getGrantPrincipal());
        CfnOutput.Builder.create(stack, "Project").value(delivery.getProject().getProjectName()).build();

        // A stage that uses the images, and an image asset
        Stage prod = Stage.Builder.create(stack, "Prod").env(env).build();
        Stack services = new Stack(prod, "Services");
        DockerImageFunction.Builder.create(services, "Api")
                .code(api.lambdaCode(services, LambdaCodeOptions.builder().cmd(List.of("app.handler")).entrypoint(List.of("/lambda-entrypoint.sh")).workingDirectory("/var/task").build()))
                .build();
        DockerImageFunction.Builder.create(services, "Asset").code(DockerImageCode.fromImageAsset("contexts/worker")).build();
        FargateTaskDefinition task = new FargateTaskDefinition(services, "Task");
        task.addContainer("Main", ContainerDefinitionOptions.builder().image(plain.containerImage(task)).build());
        for (CachedDockerImage image : List.of(fixed, commit, whole, stored, local, server, remote, kaniko)) {
            CfnOutput.Builder.create(services, image.getNode().getId() + "Uri").value(image.imageUri(services)).build();
        }
        CfnOutput.Builder.create(stack, "Tag").value(String.format("%s of %s", fixed.getImageTag(), fixed.getRepository().getNode().getId())).build();
        pipeline.addWave("Deploy", WaveOptions.builder()
                .pre(steps)
                .post(List.of(
                        ShellStep.Builder.create("ShowDigest").env(Map.of("DIGEST", build.imageDigest(api))).commands(List.of("printenv DIGEST")).build(),
                        ShellStep.Builder.create("ShowUri").env(Map.of("URI", build.imageUriWithDigest(plain))).commands(List.of("printenv URI")).build()))
                .build()).addStage(prod);

        app.synth();
    }

    private static CachedDockerImage worker(Stack stack, String id) {
        return worker(stack, id, ImageTag.contentHash());
    }

    private static CachedDockerImage worker(Stack stack, String id, ImageTag tag) {
        return CachedDockerImage.Builder.create(stack, id).context(DockerContext.directory("contexts/worker")).tag(tag).build();
    }
}
