output "delivery" {
  description = "From which topic to which address, with whose token, made out for whom."
  value = {
    topic             = google_pubsub_subscription.this.topic
    endpoint          = google_pubsub_subscription.this.push_config[0].push_endpoint
    account_email     = google_pubsub_subscription.this.push_config[0].oidc_token[0].service_account_email
    audience          = google_pubsub_subscription.this.push_config[0].oidc_token[0].audience
    dead_letter_topic = google_pubsub_subscription.this.dead_letter_policy[0].dead_letter_topic
  }
}
