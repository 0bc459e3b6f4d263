package com.example.first;

import com.example.cdk.cacheddockerbuild.CachedDockerBuildStep;
import com.example.cdk.cacheddockerbuild.CachedDockerImage;
import com.example.cdk.cacheddockerbuild.DockerContext;
import java.util.List;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Stage;
import software.amazon.awscdk.pipelines.CodePipeline;
import software.amazon.awscdk.pipelines.CodePipelineSource;
import software.amazon.awscdk.pipelines.ConnectionSourceOptions;
import software.amazon.awscdk.pipelines.ShellStep;
import software.amazon.awscdk.pipelines.WaveOptions;
import software.amazon.awscdk.services.lambda.DockerImageFunction;

/** The pipeline of README's first success. */
public final class FirstSuccess {
    public static void main(String[] arguments) {
        App app = new App();
        Stack stack = new Stack(app, "PipelineStack");
        CodePipeline pipeline = CodePipeline.Builder.create(stack, "Pipeline")
                .synth(ShellStep.Builder.create("Synth")
                        .input(CodePipelineSource.connection("example/app", "main", ConnectionSourceOptions.builder()
                                .connectionArn("arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000")
                                .build()))
                        .commands(List.of("npx cdk synth"))
                        .build())
                .build();

        CachedDockerImage image = CachedDockerImage.Builder.create(stack, "ApiImage").context(DockerContext.directory("api")).build();

        Stage prod = new Stage(app, "Prod");
        Stack api = new Stack(prod, "Api");
        DockerImageFunction.Builder.create(api, "Handler").code(image.lambdaCode(api)).build();

        CachedDockerBuildStep build = CachedDockerBuildStep.Builder.create("BuildImages").images(List.of(image)).pipeline(pipeline).build();
        pipeline.addWave("Deploy", WaveOptions.builder().pre(List.of(build)).build()).addStage(prod);
        app.synth();
    }
}
