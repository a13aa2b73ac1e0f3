output "ids" {
  description = "Full id of each topic."
  value       = { for name, topic in google_pubsub_topic.this : name => topic.id }
}

output "grants" {
  description = "Who may do what with each topic, as `role member`."
  value = {
    for name in keys(var.topics) :
    name => [for grant in google_pubsub_topic_iam_member.this : "${grant.role} ${grant.member}" if grant.topic == name]
  }
}
