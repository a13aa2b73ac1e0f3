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

run "first_apply" {
  command = apply
  assert {
    condition     = output.live == false
    error_message = "x"
  }
}
