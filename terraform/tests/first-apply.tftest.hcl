# The first apply in an empty project, and the applies after it, in one state.

mock_provider "google" {
  source = "./tests/mocks"
}

mock_provider "google" {
  alias  = "billing"
  source = "./tests/mocks"
}

variables {
  project_id  = "test-metrics"
  alert_email = "oncall@example.com"
}

run "takes_two_variables_and_no_image" {
  assert {
    condition     = alltrue([for service in module.services : service.running_image == "us-docker.pkg.dev/cloudrun/container/hello"])
    error_message = "Before the first deployment every service runs the placeholder."
  }

  assert {
    condition     = output.live == false && length(module.push) == 0 && length(module.scheduler) == 0
    error_message = "A placeholder answers 200 to a push, so nothing may be pushed to it, and nothing called."
  }

  assert {
    condition     = startswith(output.next_step, "Deploy the image")
    error_message = "The output says what is left to do."
  }

  assert {
    condition     = length(module.budget) == 0 && length(module.workload_identity) == 0 && output.workload_identity_provider == null
    error_message = "Budget and workload identity are made when they are asked for."
  }

  assert {
    condition     = output.urls["processmetrics"] == "https://processmetrics-123456789012.us-central1.run.app"
    error_message = "The address is made of the project's number and the region."
  }

  assert {
    condition     = output.image_prefix == "us-central1-docker.pkg.dev/test-metrics/seismo"
    error_message = "The repository is seismo, in the region of the services."
  }
}

run "naming_an_image_later_deploys_nothing_and_pushes_nothing" {
  variables {
    image = "us-central1-docker.pkg.dev/test-metrics/seismo/seismo:1.0.0"
  }

  assert {
    condition     = output.live == false && length(module.push) == 0
    error_message = "The image of a service that is there belongs to deployments; until one has run, nothing is pushed."
  }
}
