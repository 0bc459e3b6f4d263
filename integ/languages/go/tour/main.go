package main

import (
	cached "example.com/cdk-cached-docker-build-go/cdkcacheddockerbuild"
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodebuild"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/aws-cdk-go/awscdk/v2/pipelines"
	"github.com/aws/jsii-runtime-go"
)

// typescript/tour.ts, line by line. The maps of Go have another order each time.
func main() {
	defer jsii.Close()

	env := &awscdk.Environment{Account: jsii.String("111111111111"), Region: jsii.String("eu-west-1")}
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Tour"), &awscdk.StackProps{Env: env})

	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	secret := awssecretsmanager.NewSecret(stack, jsii.String("Secret"), nil)
	parameter := awsssm.StringParameter_FromSecureStringParameterAttributes(stack, jsii.String("Token"), &awsssm.SecureStringParameterAttributes{ParameterName: jsii.String("/tour/token")})
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{MaxAzs: jsii.Number(1), NatGateways: jsii.Number(1)})
	group := awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{Vpc: vpc})
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("codebuild.amazonaws.com"), nil)})
	fleet := awscodebuild.Fleet_FromFleetArn(stack, jsii.String("Fleet"), jsii.String("arn:aws:codebuild:eu-west-1:111111111111:fleet/tour:00000000-0000-0000-0000-000000000000"))
	bases := awsecr.Repository_FromRepositoryName(stack, jsii.String("Bases"), jsii.String("tour/bases"))

	// Repositories
	images := cached.NewImageRepository(stack, jsii.String("Images"), &cached.ImageRepositoryProps{
		RepositoryName:  jsii.String("tour/images"),
		Encryption:      awsecr.RepositoryEncryption_KMS(),
		EncryptionKey:   key,
		ImageScanOnPush: jsii.Bool(true),
		MutableTags:     jsii.Strings("stable", "nightly"),
		RemovalPolicy:   awscdk.RemovalPolicy_DESTROY,
		EmptyOnDelete:   jsii.Bool(true),
	})
	layers := cached.NewCacheRepository(stack, jsii.String("Layers"), &cached.CacheRepositoryProps{
		RepositoryName: jsii.String("tour/layers"),
		Encryption:     awsecr.RepositoryEncryption_KMS(),
		EncryptionKey:  key,
		MaxAge:         awscdk.Duration_Days(jsii.Number(20)),
		RemovalPolicy:  awscdk.RemovalPolicy_DESTROY,
	})

	// The cache for image assets
	assetCache := cached.NewDockerAssetCache(stack, jsii.String("AssetCache"), &cached.DockerAssetCacheProps{Repository: cached.NewCacheRepository(stack, jsii.String("AssetLayers"), &cached.CacheRepositoryProps{RepositoryName: jsii.String("tour/asset-layers")})})
	source := pipelines.CodePipelineSource_Connection(jsii.String("example/app"), jsii.String("main"), &pipelines.ConnectionSourceOptions{
		ConnectionArn: jsii.String("arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000"),
	})
	pipeline := pipelines.NewCodePipeline(stack, jsii.String("Pipeline"), &pipelines.CodePipelineProps{
		Synth:                            pipelines.NewShellStep(jsii.String("Synth"), &pipelines.ShellStepProps{Input: source, Commands: jsii.Strings("synthesize")}),
		AssetPublishingCodeBuildDefaults: assetCache.CodeBuildOptions(&pipelines.CodeBuildOptions{Timeout: awscdk.Duration_Hours(jsii.Number(1))}),
	})

	hub, mirrors := registryMirrors(stack, key, secret, role)

	// Images. The maps have no order in some languages, and the assembly has to be the same whatever it is.
	api := cached.NewCachedDockerImage(stack, jsii.String("Api"), &cached.CachedDockerImageProps{
		Context:    cached.DockerContext_Directory(jsii.String("contexts/api")),
		Repository: images,
		Dockerfile: jsii.String("Dockerfile"),
		Target:     jsii.String("final"),
		Platform:   awsecrassets.Platform_LINUX_AMD64(),
		BuildArgs: &map[string]*string{
			"ZONE":   jsii.String("eu-west-1"),
			"COLOR":  jsii.String("green"),
			"ANIMAL": jsii.String("cat"),
			"MONTH":  jsii.String("may"),
		},
		BuildContexts: &map[string]cached.DockerContext{
			"shared": cached.DockerContext_Directory(jsii.String("contexts/shared")),
			"worker": cached.DockerContext_Directory(jsii.String("contexts/worker")),
			"base":   cached.DockerContext_Image(jsii.String("public.ecr.aws/docker/library/python:3.12")),
		},
		BuildSecrets: &map[string]cached.BuildSecret{
			"token": cached.BuildSecret_SsmParameter(parameter),
			"npm":   cached.BuildSecret_SecretsManager(secret, jsii.String("npm")),
			"pip":   cached.BuildSecret_SecretsManager(secret, jsii.String("pip")),
		},
		BuildSshKey: cached.BuildSecret_SecretsManager(secret, jsii.String("ssh")),
		LinkCopies:  jsii.Bool(false),
		Tag:         cached.ImageTag_ContentHash(&cached.ContentHashOptions{RefreshEvery: awscdk.Duration_Days(jsii.Number(90))}),
	})
	worker := func(id string, tag cached.ImageTag) cached.CachedDockerImage {
		return cached.NewCachedDockerImage(stack, jsii.String(id), &cached.CachedDockerImageProps{Context: cached.DockerContext_Directory(jsii.String("contexts/worker")), Tag: tag})
	}
	plain := worker("Plain", cached.ImageTag_ContentHash(nil))
	fixed := worker("Fixed", cached.ImageTag_Fixed(jsii.String("1.2.3")))
	commit := worker("Commit", cached.ImageTag_Commit())
	whole := cached.NewCachedDockerImage(stack, jsii.String("Whole"), &cached.CachedDockerImageProps{Context: cached.DockerContext_PipelineSource(source, jsii.String("services/whole"))})
	stored := worker("Stored", cached.ImageTag_ContentHash(nil))
	local := worker("Local", cached.ImageTag_ContentHash(nil))
	server := worker("Server", cached.ImageTag_ContentHash(nil))
	remote := worker("Remote", cached.ImageTag_ContentHash(nil))
	kaniko := worker("Kaniko", cached.ImageTag_ContentHash(nil))

	// Steps: each builder and each layer cache
	build := cached.NewCachedDockerBuildStep(jsii.String("BuildKit"), &cached.CachedDockerBuildStepProps{
		Images:   &[]cached.CachedDockerImage{api, plain},
		Pipeline: pipeline,
		LayerCache: cached.LayerCache_Registry(&cached.RegistryCacheOptions{
			Repository:         layers,
			FallbackRepository: awsecr.Repository_FromRepositoryName(stack, jsii.String("OldLayers"), jsii.String("tour/old-layers")),
			Compression:        cached.CacheCompression_GZIP,
			Mode:               cached.CacheMode_MIN,
			Scope:              source.SourceAttribute(jsii.String("BranchName")),
			FallbackScopes:     jsii.Strings("main", "release"),
			IgnoreErrors:       jsii.Bool(false),
		}),
		Builder: cached.DockerBuilder_Buildkit(&cached.BuildkitOptions{
			BuildkitImage:      jsii.String("registry.example.com/buildkit:v0.32.2"),
			Config:             jsii.String("debug = true\n"),
			MaxParallelism:     jsii.Number(2),
			Mirrors:            &mirrors,
			FallbackToUpstream: jsii.Bool(false),
		}),
		AdditionalTags: &[]*string{jsii.String("latest"), source.SourceAttribute(jsii.String("CommitId"))},
		RegistryLogins: &[]cached.RegistryLogin{
			cached.RegistryLogin_DockerHub(secret, &cached.RegistryLoginFields{UsernameField: jsii.String("user"), PasswordField: jsii.String("token")}),
			cached.RegistryLogin_Ecr(bases),
			cached.RegistryLogin_Secret(jsii.String("private.example.com"), secret, nil),
		},
		BuildImage:  awscodebuild.LinuxBuildImage_STANDARD_7_0(),
		ComputeType: awscodebuild.ComputeType_LARGE,
		Env: &map[string]*string{
			"ZONE":   jsii.String("one"),
			"COLOR":  jsii.String("two"),
			"ANIMAL": jsii.String("three"),
			"MONTH":  jsii.String("four"),
		},
		Logging: &awscodebuild.LoggingOptions{
			CloudWatch: &awscodebuild.CloudWatchLoggingOptions{
				LogGroup: awslogs.NewLogGroup(stack, jsii.String("Log"), nil),
				Prefix:   jsii.String("builds"),
			},
		},
		MaxConcurrentBuilds: jsii.Number(3),
		Metrics:             cached.BuildMetrics_STEP_AND_IMAGES,
		ProjectName:         jsii.String("tour-build"),
		Role:                role,
		SecurityGroups:      &[]awsec2.ISecurityGroup{group},
		SubnetSelection:     &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS},
		TestReport:          jsii.Bool(true),
		Timeout:             awscdk.Duration_Minutes(jsii.Number(45)),
		Vpc:                 vpc,
	})
	steps := []pipelines.Step{
		build,
		cached.NewCachedDockerBuildStep(jsii.String("Inline"), &cached.CachedDockerBuildStepProps{
			Images:     &[]cached.CachedDockerImage{fixed},
			Pipeline:   pipeline,
			Fleet:      fleet,
			Metrics:    cached.BuildMetrics_NONE,
			LayerCache: cached.LayerCache_Inline(&cached.InlineCacheOptions{FromTags: jsii.Strings("latest"), Stages: jsii.Strings("base")}),
		}),
		cached.NewCachedDockerBuildStep(jsii.String("None"), &cached.CachedDockerBuildStepProps{
			Images:     &[]cached.CachedDockerImage{commit, whole},
			Pipeline:   pipeline,
			Metrics:    cached.BuildMetrics_STEP,
			LayerCache: cached.LayerCache_None(),
		}),
		cached.NewCachedDockerBuildStep(jsii.String("Stored"), &cached.CachedDockerBuildStepProps{
			Images:     &[]cached.CachedDockerImage{stored},
			Pipeline:   pipeline,
			LayerCache: cached.LayerCache_S3(bucket, &cached.S3CacheOptions{Prefix: jsii.String("layers/"), Mode: cached.CacheMode_MAX, Scope: jsii.String("tour")}),
		}),
		cached.NewCachedDockerBuildStep(jsii.String("Engine"), &cached.CachedDockerBuildStepProps{
			Images:     &[]cached.CachedDockerImage{local},
			Pipeline:   pipeline,
			LayerCache: cached.LayerCache_CodeBuildLocal(),
			Builder: cached.DockerBuilder_DockerEngine(&cached.MirrorOptions{
				FallbackToUpstream: jsii.Bool(true),
				Mirrors:            &[]cached.RegistryMirror{hub.Mirror()},
			}),
		}),
		cached.NewCachedDockerBuildStep(jsii.String("Server"), &cached.CachedDockerBuildStepProps{
			Images:     &[]cached.CachedDockerImage{server},
			Pipeline:   pipeline,
			Vpc:        vpc,
			LayerCache: cached.LayerCache_None(),
			Builder: cached.DockerBuilder_DockerServer(&cached.DockerServerBuilderOptions{
				ComputeType:    awscodebuild.DockerServerComputeType_MEDIUM,
				SecurityGroups: &[]awsec2.ISecurityGroup{group},
			}),
		}),
		cached.NewCachedDockerBuildStep(jsii.String("Remote"), &cached.CachedDockerBuildStepProps{
			Images:     &[]cached.CachedDockerImage{remote},
			Pipeline:   pipeline,
			Vpc:        vpc,
			LayerCache: cached.LayerCache_Registry(&cached.RegistryCacheOptions{Compression: cached.CacheCompression_ZSTD}),
			Builder: cached.DockerBuilder_Remote(&cached.RemoteBuilderOptions{
				Endpoints:    jsii.Strings("tcp://buildkit-0.example.internal:1234", "tcp://buildkit-1.example.internal:1234"),
				Certificates: secret,
				CaField:      jsii.String("authority"),
				CertField:    jsii.String("certificate"),
				KeyField:     jsii.String("privateKey"),
				ServerName:   jsii.String("buildkit.example.internal"),
			}),
		}),
		cached.NewCachedDockerBuildStep(jsii.String("Kaniko"), &cached.CachedDockerBuildStepProps{
			Images:   &[]cached.CachedDockerImage{kaniko},
			Pipeline: pipeline,
			Builder:  cached.DockerBuilder_Kaniko(&cached.KanikoOptions{FallbackToUpstream: jsii.Bool(true)}),
		}),
	}

	watch(stack, build, api)

	// What other pipelines need
	other := awsiam.NewRole(stack, jsii.String("OtherRole"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountPrincipal(jsii.String("222222222222"))})
	assetCache.GrantRead(other)
	assetCache.GrantPublish(other)
	elsewhere := cached.NewCachedDockerImage(stack, jsii.String("Elsewhere"), &cached.CachedDockerImageProps{
		Context:        cached.DockerContext_Directory(jsii.String("contexts/worker")),
		BuiltElsewhere: jsii.Bool(true),
	})
	elsewhere.GrantBuild(other)
	delivery := cached.NewCachedDockerBuildProject(stack, jsii.String("Delivery"), &cached.CachedDockerBuildProjectProps{
		Images:            &[]cached.CachedDockerImage{worker("Delivered", cached.ImageTag_ContentHash(nil))},
		Source:            awscodebuild.Source_GitHub(&awscodebuild.GitHubSourceProps{Owner: jsii.String("example"), Repo: jsii.String("app"), Webhook: jsii.Bool(true)}),
		SynthCommands:     jsii.Strings("synthesize"),
		DeployCommands:    jsii.Strings("deploy"),
		AssemblyDirectory: jsii.String("out"),
		Env: &map[string]*string{
			"ZONE":   jsii.String("one"),
			"COLOR":  jsii.String("two"),
			"ANIMAL": jsii.String("three"),
			"MONTH":  jsii.String("four"),
		},
	})
	bucket.GrantRead(delivery.GrantPrincipal(), nil)
	awscdk.NewCfnOutput(stack, jsii.String("Project"), &awscdk.CfnOutputProps{Value: delivery.Project().ProjectName()})

	// A stage that uses the images, and an image asset
	prod := awscdk.NewStage(stack, jsii.String("Prod"), &awscdk.StageProps{Env: env})
	services := awscdk.NewStack(prod, jsii.String("Services"), nil)
	awslambda.NewDockerImageFunction(services, jsii.String("Api"), &awslambda.DockerImageFunctionProps{
		Code: api.LambdaCode(services, &cached.LambdaCodeOptions{
			Cmd:              jsii.Strings("app.handler"),
			Entrypoint:       jsii.Strings("/lambda-entrypoint.sh"),
			WorkingDirectory: jsii.String("/var/task"),
		}),
	})
	awslambda.NewDockerImageFunction(services, jsii.String("Asset"), &awslambda.DockerImageFunctionProps{Code: awslambda.DockerImageCode_FromImageAsset(jsii.String("contexts/worker"), nil)})
	task := awsecs.NewFargateTaskDefinition(services, jsii.String("Task"), nil)
	task.AddContainer(jsii.String("Main"), &awsecs.ContainerDefinitionOptions{Image: plain.ContainerImage(task)})
	for _, image := range []cached.CachedDockerImage{fixed, commit, whole, stored, local, server, remote, kaniko} {
		awscdk.NewCfnOutput(services, jsii.String(*image.Node().Id()+"Uri"), &awscdk.CfnOutputProps{Value: image.ImageUri(services)})
	}
	awscdk.NewCfnOutput(stack, jsii.String("Tag"), &awscdk.CfnOutputProps{Value: jsii.String(*fixed.ImageTag() + " of " + *fixed.Repository().Node().Id())})
	pipeline.AddWave(jsii.String("Deploy"), &pipelines.WaveOptions{
		Pre: &steps,
		Post: &[]pipelines.Step{
			pipelines.NewShellStep(jsii.String("ShowDigest"), &pipelines.ShellStepProps{
				Env: &map[string]*string{"DIGEST": build.ImageDigest(api)}, Commands: jsii.Strings("printenv DIGEST"),
			}),
			pipelines.NewShellStep(jsii.String("ShowUri"), &pipelines.ShellStepProps{
				Env: &map[string]*string{"URI": build.ImageUriWithDigest(plain)}, Commands: jsii.Strings("printenv URI"),
			}),
		},
	}).AddStage(prod, nil)

	app.Synth(nil)
}
