from aws_cdk import App, Stack, Stage, aws_lambda as lambda_, pipelines
from cdk_cached_docker_build import CachedDockerBuildStep, CachedDockerImage, DockerContext

app = App()
stack = Stack(app, "PipelineStack")
pipeline = pipelines.CodePipeline(stack, "Pipeline",
    synth=pipelines.ShellStep("Synth",
        input=pipelines.CodePipelineSource.connection("example/app", "main",
            connection_arn="arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000"),
        commands=["pip install -r requirements.txt", "npx cdk synth"]))

image = CachedDockerImage(stack, "ApiImage", context=DockerContext.directory("api"))

prod = Stage(app, "Prod")
api = Stack(prod, "Api")
lambda_.DockerImageFunction(api, "Handler", code=image.lambda_code(api))

build = CachedDockerBuildStep("BuildImages", images=[image], pipeline=pipeline)
pipeline.add_wave("Deploy", pre=[build]).add_stage(prod)
app.synth()
