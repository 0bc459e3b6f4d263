package main

import (
	cached "example.com/cdk-cached-docker-build-go/cdkcacheddockerbuild"
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
)

// A pull-through cache for each registry, and a mirror that somebody else has.
func registryMirrors(stack awscdk.Stack, key awskms.IKey, secret awssecretsmanager.ISecret, role awsiam.IRole) (cached.PullThroughCache, []cached.RegistryMirror) {
	hub := cached.NewPullThroughCache(stack, jsii.String("Hub"), &cached.PullThroughCacheProps{
		Upstream:         cached.UpstreamRegistry_DockerHub(),
		Credentials:      awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("HubSecret"), jsii.String("ecr-pullthroughcache/hub")),
		EncryptionKey:    key,
		MaxAge:           awscdk.Duration_Days(jsii.Number(30)),
		RepositoryPrefix: jsii.String("hub"),
	})
	hub.GrantPull(role)
	mirrors := []cached.RegistryMirror{}
	for _, upstream := range []cached.UpstreamRegistry{
		cached.UpstreamRegistry_EcrPublic(), cached.UpstreamRegistry_Kubernetes(), cached.UpstreamRegistry_Ecr(jsii.String("222222222222"), jsii.String("eu-west-1")),
	} {
		mirrors = append(mirrors, cached.NewPullThroughCache(stack, upstream.Host(), &cached.PullThroughCacheProps{Upstream: upstream}).Mirror())
	}
	for _, upstream := range []cached.UpstreamRegistry{
		cached.UpstreamRegistry_GitHub(), cached.UpstreamRegistry_GitLab(), cached.UpstreamRegistry_Chainguard(), cached.UpstreamRegistry_Azure(jsii.String("example")),
	} {
		credentials := awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("Secret of "+*upstream.Host()), jsii.String("ecr-pullthroughcache/"+*upstream.Host()))
		cached.NewPullThroughCache(stack, upstream.Host(), &cached.PullThroughCacheProps{Upstream: upstream, Credentials: credentials})
	}
	quay := cached.PullThroughCache_FromPullThroughCacheAttributes(stack, jsii.String("Quay"), &cached.PullThroughCacheAttributes{
		Upstream:         cached.UpstreamRegistry_Quay(),
		Account:          jsii.String("333333333333"),
		Region:           jsii.String("eu-west-1"),
		RepositoryNames:  jsii.Strings("organization/*"),
		RepositoryPrefix: jsii.String("their-quay"),
	})
	mirror := cached.RegistryMirror_Of(&cached.RegistryMirrorOptions{
		Upstream:    jsii.String("registry.example.com"),
		Endpoint:    jsii.String("mirror.example.com/copies"),
		Credentials: secret,
	})
	awscdk.NewCfnOutput(stack, jsii.String("Mirror"), &awscdk.CfnOutputProps{Value: jsii.String(*mirror.Upstream() + " " + *mirror.Endpoint() + " " + *hub.RepositoryPrefix())})

	return hub, append([]cached.RegistryMirror{hub.Mirror(), quay.Mirror(), mirror}, mirrors...)
}
