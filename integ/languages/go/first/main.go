package main

import (
	cached "example.com/cdk-cached-docker-build-go/cdkcacheddockerbuild"
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/pipelines"
	"github.com/aws/jsii-runtime-go"
)

// The pipeline of README's first success.
func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("PipelineStack"), nil)
	pipeline := pipelines.NewCodePipeline(stack, jsii.String("Pipeline"), &pipelines.CodePipelineProps{
		Synth: pipelines.NewShellStep(jsii.String("Synth"), &pipelines.ShellStepProps{
			Input: pipelines.CodePipelineSource_Connection(jsii.String("example/app"), jsii.String("main"), &pipelines.ConnectionSourceOptions{
				ConnectionArn: jsii.String("arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000"),
			}),
			Commands: jsii.Strings("npx cdk synth"),
		}),
	})

	image := cached.NewCachedDockerImage(stack, jsii.String("ApiImage"), &cached.CachedDockerImageProps{
		Context: cached.DockerContext_Directory(jsii.String("api")),
	})

	prod := awscdk.NewStage(app, jsii.String("Prod"), nil)
	api := awscdk.NewStack(prod, jsii.String("Api"), nil)
	awslambda.NewDockerImageFunction(api, jsii.String("Handler"), &awslambda.DockerImageFunctionProps{
		Code: image.LambdaCode(api, nil),
	})

	build := cached.NewCachedDockerBuildStep(jsii.String("BuildImages"), &cached.CachedDockerBuildStepProps{
		Images:   &[]cached.CachedDockerImage{image},
		Pipeline: pipeline,
	})
	pipeline.AddWave(jsii.String("Deploy"), &pipelines.WaveOptions{Pre: &[]pipelines.Step{build}}).AddStage(prod, nil)
	app.Synth(nil)
}
