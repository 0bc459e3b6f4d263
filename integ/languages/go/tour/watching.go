package main

import (
	cached "example.com/cdk-cached-docker-build-go/cdkcacheddockerbuild"
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// What watches the steps.
func watch(stack awscdk.Stack, build cached.CachedDockerBuildStep, api cached.CachedDockerImage) {
	ofApi := build.ImageMetrics(api)
	metrics := []awscloudwatch.IMetric{
		build.MetricCacheHitRatio(nil), build.MetricDuration(nil), build.MetricBytesPulled(nil), build.MetricBytesPushed(nil), build.MetricImagesBuilt(nil), build.MetricImagesSkipped(nil), build.MetricCacheErrors(&awscloudwatch.MetricOptions{Label: jsii.String("errors")}),
		ofApi.MetricCacheHitRatio(nil), ofApi.MetricDuration(nil), ofApi.MetricBytesPulled(nil), ofApi.MetricBytesPushed(nil), ofApi.MetricImagesBuilt(nil), ofApi.MetricImagesSkipped(nil), ofApi.MetricCacheErrors(nil),
	}
	dashboard := cached.NewBuildCacheDashboard(stack, jsii.String("Dashboard"), &cached.BuildCacheDashboardProps{
		Steps:           &[]cached.CachedDockerBuildStep{build},
		DashboardName:   jsii.String("tour-builds"),
		DefaultInterval: awscdk.Duration_Days(jsii.Number(7)),
	})
	dashboard.AddWidgets(awscloudwatch.NewSingleValueWidget(&awscloudwatch.SingleValueWidgetProps{Metrics: &metrics}))
	alarms := cached.NewBuildCacheAlarms(stack, jsii.String("Alarms"), &cached.BuildCacheAlarmsProps{
		Step: build, FaultyHours: jsii.Number(2), MaxDuration: awscdk.Duration_Minutes(jsii.Number(20)), MaxWeeklyGrowth: awscdk.Size_Gibibytes(jsii.Number(10)),
	})
	alarms.AddAlarmAction(awscloudwatchactions.NewSnsAction(awssns.NewTopic(stack, jsii.String("Topic"), nil)))
	awscdk.NewCfnOutput(stack, jsii.String("AlarmNames"), &awscdk.CfnOutputProps{Value: jsii.String(*alarms.CacheErrors().AlarmName() + " " + *alarms.SlowBuilds().AlarmName() + " " + *alarms.RepositoryGrowth().AlarmName())})
}
